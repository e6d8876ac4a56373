"""How far single fields agree."""

from __future__ import annotations

import pytest

from gateway.identity.weighing import levels
from gateway.identity.weighing.levels import AGREE, DIFFER, NEAR, PARTLY, UNKNOWN
from gateway.identity.weighing.terms import Terms

NOTHING_KNOWN = Terms({}, 0)
USUAL = Terms({"g:emine": 900, "g:emin": 400, "f:arslan": 500, "f:aslan": 450}, 100_000)


@pytest.mark.parametrize(
    ("one", "two", "level"),
    [
        ("mehmet", "mehmet", AGREE),
        ("mehmet ali", "mehmetali", AGREE),
        ("mehmet", "memo", NEAR),
        ("mustafa", "mistik", NEAR),
        ("zeynep", "zeynpe", NEAR),
        ("sukru", "?ukru", NEAR),
        ("mehmet ali", "ali", PARTLY),
        ("fatma", "f", PARTLY),
        ("ayse", "aysegul", DIFFER),
        ("ayse nur", "ayse gul", DIFFER),
        ("ali", "veli", DIFFER),
        ("ali", "", UNKNOWN),
    ],
)
def test_given_names(one: str, two: str, level: int) -> None:
    assert levels.given_names(one.split(), two.split(), NOTHING_KNOWN) == level


def test_two_usual_names_are_no_slips_of_each_other() -> None:
    assert levels.given_names(["emine"], ["emin"], NOTHING_KNOWN) == NEAR
    assert levels.given_names(["emine"], ["emin"], USUAL) == DIFFER
    assert levels.family_names(["arslan"], ["aslan"], USUAL) == PARTLY


@pytest.mark.parametrize(
    ("one", "two", "level"),
    [
        (19840309, 19840309, AGREE),
        (19840309, 19840903, NEAR),
        (19840309, 19840308, NEAR),
        (19840309, 19840390, NEAR),
        (19840309, 19850309, NEAR),
        (19790309, 19800309, NEAR),
        (19840309, 19740309, NEAR),
        (19840309, 19840101, PARTLY),
        (19840309, 19840315, PARTLY),
        (19840309, 19841125, DIFFER),
        (19580309, 19841125, DIFFER),
        (19840309, 0, UNKNOWN),
    ],
)
def test_birth_dates(one: int, two: int, level: int) -> None:
    assert levels.births(one, two) == levels.births(two, one) == level


@pytest.mark.parametrize(
    ("one", "two", "level"),
    [
        ("cem.isik@gmail.com", "cem.isik@gmail.com", AGREE),
        ("cem.isik@gmail.com", "cem.isik@hotmail.com", NEAR),
        ("cem.isik@gmail.com", "cem.isk@gmail.com", NEAR),
        ("info@porsuk.com", "info@porsuk.com", PARTLY),
        ("info@porsuk.com", "info@sakarya.com", DIFFER),
        ("cem@gmail.com", "can@gmail.com", DIFFER),
    ],
)
def test_emails_of_people(one: str, two: str, level: int) -> None:
    assert levels.emails([one], [two], is_person=True) == level


def test_house_of_an_organisations_mail_is_near_and_a_free_mail_is_not() -> None:
    assert levels.emails(["info@porsuk.com"], ["satis@porsuk.com"], is_person=False) == NEAR
    assert levels.emails(["porsuk@gmail.com"], ["sakarya@gmail.com"], is_person=False) == DIFFER


@pytest.mark.parametrize(
    ("one", "two", "level"),
    [
        ("+905321112233", "+905321112233", AGREE),
        ("+905321112233", "+905321112323", NEAR),
        ("+905321112233", "+905559998877", DIFFER),
    ],
)
def test_phones(one: str, two: str, level: int) -> None:
    assert levels.phones([one], [two]) == level


@pytest.mark.parametrize(
    ("one", "two", "level"),
    [("17291716060", "17291716060", AGREE), ("17291716060", "10000000146", DIFFER), ("DE81", "", UNKNOWN)],
)
def test_tax_ids(one: str, two: str, level: int) -> None:
    assert levels.tax_ids(one, two) == level


def test_one_systems_two_numbers_differ_and_two_systems_say_nothing() -> None:
    assert levels.identifiers(["erp\x1f1"], ["erp\x1f2"]) == DIFFER
    assert levels.identifiers(["erp\x1f1"], ["crm\x1f1"]) == UNKNOWN
