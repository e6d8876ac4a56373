"""What counts as a partner's word, what is our own come back, and how lists unite."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from gateway.sync.merging.echo import is_echo
from gateway.sync.merging.union import unite
from gateway.sync.merging.unsaid import hold_back, unsaid
from gateway.sync.merging.words import NOTHING, Memory, news_of
from gateway.sync.streams import STREAMS

CUSTOMERS = STREAMS["customers"]
SAID = {"kind": "person", "family_name": "Işık", "contact_points": [{"kind": "phone", "value": "0532 111 22 33"}]}
AT = datetime(2026, 11, 21, 12, 30, 15, 250_000, UTC)


def news(record: dict[str, Any], memory: Memory) -> dict[str, Any]:
    """What a record says newly."""
    return news_of(CUSTOMERS, record, CUSTOMERS.schema.load({"external_id": "C-1", **record}), {}, memory).theirs


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, {}),
        ({"family_name": "Kaya"}, {"family_name": "Kaya"}),
        ({"family_name": "  Işık "}, {}),
        ({"contact_points": [{"kind": "phone", "value": "+90 532 111 22 33"}]}, {}),
        ({"locale": None}, {"locale": None}),
        ({"attributes": {"renk": "mavi"}}, {"attributes/renk": "mavi"}),
    ],
)
def test_only_what_differs_from_the_last_word_is_news(changed: dict[str, Any], found: dict[str, Any]) -> None:
    assert news({**SAID, **changed}, Memory(SAID)) == found


def test_everything_present_is_the_word_of_a_partner_that_never_spoke() -> None:
    assert set(news(SAID, NOTHING)) == set(SAID)


def test_an_attribute_that_is_left_out_was_removed() -> None:
    memory = Memory({**SAID, "attributes": {"renk": "mavi", "kapı": 5}})
    assert news({**SAID, "attributes": {"kapı": 5}}, memory) == {"attributes/renk": None}


@pytest.mark.parametrize(("version", "found"), [("7", {}), ("8", {"family_name": "#1"})])
def test_what_comes_back_with_the_version_of_our_write_is_our_write(version: str, found: dict[str, Any]) -> None:
    memory = Memory(SAID, frozenset({"family_name"}), version="7")
    assert news({**SAID, "family_name": "#1", "version": version}, memory) == found


@pytest.mark.parametrize(("version", "found"), [("7", {}), ("8", {"contact_points": ["phone"]})])
def test_what_is_missing_from_a_list_was_taken_away_by_whoever_came_after_our_write(
    version: str, found: dict[str, Any]
) -> None:
    mail = {"kind": "email", "value": "cem@isik.example", "verified_at": "2026-11-21T09:30:15Z"}
    memory = Memory(
        {**SAID, "contact_points": [*SAID["contact_points"], mail]}, frozenset({"contact_points"}), version="7"
    )
    heard = news({**SAID, "version": version}, memory)
    assert {name: [each["kind"] for each in points] for name, points in heard.items()} == found


def test_what_we_sent_without_learning_the_outcome_is_no_word_either_way() -> None:
    memory = Memory(SAID, lost={"family_name": "Kaya"})
    assert [news({**SAID, "family_name": name}, memory) for name in ("Işık", "Kaya", "KAYA")] == [{}] * 3


def test_a_system_that_rewrites_every_write_is_believed_twice() -> None:
    found = [
        news({**SAID, "family_name": "#1"}, Memory(SAID, frozenset({"family_name"}), ("family_name",) * times))
        for times in (0, 1, 2)
    ]
    assert found == [{"family_name": "#1"}, {"family_name": "#1"}, {}]


@pytest.mark.parametrize(
    ("sent", "heard", "echo"),
    [
        ("Şule Işık", "ŞULE IŞIK", True),
        ("Şule Işık", "sule isik", True),
        ("Şule Işık", "Şule Kaya", False),
        ("Şule Işık", "Şule", False),
        ("Çok uzun bir caddenin adı", "Çok uzun bir caddenin", True),
        ("Işık", None, True),
        (AT, AT.replace(microsecond=0), True),
        (AT, AT.replace(hour=1), False),
        (Decimal("10.1234"), Decimal("10.12"), True),
        (Decimal("10.1234"), Decimal("11"), False),
        ([{"value": "a@b.example"}, {"value": "b"}], [{"value": "A@B.example"}], True),
        ([{"value": "a"}], [{"value": "c"}], False),
        (5, "5", False),
    ],
)
def test_a_systems_spelling_of_what_it_was_sent_is_an_echo(sent: Any, heard: Any, echo: bool) -> None:
    assert is_echo(sent, heard) is echo


def names(items: list[dict[str, Any]]) -> list[str]:
    return [item["n"] for item in items]


@pytest.mark.parametrize(
    ("base", "theirs", "ours", "united", "is_refused"),
    [
        ("ab", "abc", "abd", "abdc", False),
        ("ab", "a", "ab", "a", False),
        ("ax", "a", "ax", "ax", True),
        ("ab", "ab", "a", "a", False),
        ("ab", "a", "b", "", False),
        (None, "ac", "ab", "abc", False),
    ],
)
def test_lists_unite_item_by_item(base: str | None, theirs: str, ours: str, united: str, is_refused: bool) -> None:
    def listed(text: str) -> list[dict[str, Any]]:
        return [{"n": letter} for letter in text]

    then = None if base is None else listed(base)
    found, refused = unite(lambda item: (item["n"],), then, listed(theirs), listed(ours), lambda item: item["n"] != "x")
    assert (names(found), refused) == (list(united), is_refused)


def test_a_part_of_an_item_that_changed_here_too_stays_ours() -> None:
    base, theirs, ours = (
        {"n": "a", "primary": flag, "until": end} for flag, end in ((1, None), (0, "2027"), (2, None))
    )
    found, refused = unite(lambda item: (item["n"],), [base], [theirs], [ours], lambda item: True)
    assert (found, refused) == ([{"n": "a", "primary": 2, "until": "2027"}], True)


def test_a_write_leaves_out_what_the_partner_says_already_in_its_own_spelling() -> None:
    point = {"kind": "phone", "value": "+905321112233", "address": None, "primary": False}
    part = {"family_name": "Kaya", "contact_points": [point], "locale": "tr"}
    assert unsaid(CUSTOMERS, part, SAID) == {"family_name": "Kaya", "locale": "tr"}
    assert unsaid(CUSTOMERS, {"family_name": "Işık"}, SAID, always={"family_name"}) == {"family_name": "Işık"}


def test_what_waits_for_a_steward_is_held_back() -> None:
    part = {"family_name": "Kaya", "attributes": {"renk": "mavi", "kapı": 5}}
    held = hold_back(part, {"attributes": {"renk": "kırmızı"}}, {"family_name", "attributes/renk"})
    assert held == {"attributes": {"renk": "kırmızı", "kapı": 5}}
