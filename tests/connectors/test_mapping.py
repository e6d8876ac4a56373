"""Translating records both ways by rules."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.wire import converters
from connectors.wire.field_rules import FieldRule
from connectors.wire.mapping import Translation, dig, put


def rules(*described: dict[str, Any]) -> Translation:
    return Translation(FieldRule(many=True).load(described))


RULES = (
    {"ours": "external_id", "theirs": "id", "as": "text"},
    {"ours": "given_name", "theirs": "kişi.ad"},
    {"ours": "birth_date", "theirs": "kişi.doğum", "as": "turkish_date"},
    {"ours": "status", "theirs": "aktif", "as": "active"},
    {"ours": "contact_points[]", "theirs": "iletişim.0.adres", "as": "email"},
    {"ours": "contact_points[]", "theirs": "gsm", "as": "phone"},
)
THEIRS = {
    "id": 7,
    "kişi": {"ad": "Işıl", "doğum": "29.10.1983"},
    "aktif": True,
    "iletişim": [{"adres": "isil@example.com"}],
    "gsm": "0532 123 45 67",
}
OURS = {
    "external_id": "7",
    "given_name": "Işıl",
    "birth_date": "1983-10-29",
    "status": "active",
    "contact_points": [{"kind": "email", "value": "isil@example.com"}, {"kind": "phone", "value": "0532 123 45 67"}],
}


FLAT = (
    {"ours": "kind", "theirs": "TIP", "as": "map", "pairs": {"person": "G", "organisation": ["T", 1]}},
    {"theirs": "UNVAN", "as": "name"},
    {"ours": "contact_points[phone].value", "theirs": "GSM"},
    {"ours": "contact_points[phone#2].value", "theirs": "TEL2"},
    {"ours": "contact_points[address].address.line1", "theirs": "ADRES"},
    {"ours": "contact_points[address].address.city", "theirs": "IL"},
    {"ours": "identifiers[logo].value", "theirs": "CARI_KOD"},
)
FLAT_THEIRS = {
    "TIP": "G",
    "UNVAN": "Ayşe Nur Işık",
    "GSM": "0532 1",
    "TEL2": "0224 2",
    "ADRES": "Şair Sk. 1",
    "IL": "Iğdır",
    "CARI_KOD": "120.01",
}
FLAT_OURS = {
    "kind": "person",
    "given_name": "Ayşe Nur",
    "family_name": "Işık",
    "contact_points": [
        {"kind": "phone", "value": "0532 1"},
        {"kind": "address", "address": {"line1": "Şair Sk. 1", "city": "Iğdır"}},
        {"kind": "phone", "value": "0224 2"},
    ],
    "identifiers": [{"system": "logo", "value": "120.01"}],
}


@pytest.mark.parametrize(("described", "theirs", "ours"), [(RULES, THEIRS, OURS), (FLAT, FLAT_THEIRS, FLAT_OURS)])
def test_partners_record_reads_in_our_shape(described: Any, theirs: Any, ours: Any) -> None:
    assert rules(*described).to_ours(theirs) == ours


@pytest.mark.parametrize(
    ("described", "theirs", "ours"), [(RULES, {**THEIRS, "id": "7"}, OURS), (FLAT, FLAT_THEIRS, FLAT_OURS)]
)
def test_our_record_reads_in_the_partners_shape(described: Any, theirs: Any, ours: Any) -> None:
    assert rules(*described).to_theirs(ours) == theirs


def test_what_we_say_nothing_about_stays_untouched() -> None:
    assert rules(*RULES).to_theirs({"status": "inactive"}) == {"aktif": False}


def test_points_that_are_gone_empty_the_partners_columns() -> None:
    told = rules(*FLAT).to_theirs({"contact_points": [{"kind": "phone", "value": "0532 1"}]})
    assert told == {"GSM": "0532 1", "TEL2": None, "ADRES": None, "IL": None}


def test_empty_columns_make_no_points_and_no_hollow_objects() -> None:
    money = {"ours": "amount.value", "theirs": "TUTAR", "as": "number"}
    currency = {"ours": "amount.currency", "theirs": "DOVIZ"}
    assert rules(*FLAT[2:4], money, currency).to_ours({"GSM": None}) == {"contact_points": [], "amount": None}


def test_part_of_a_joined_name_says_what_else_it_needs() -> None:
    names = rules({"theirs": "AD_SOYAD", "as": "full_name"})
    assert (names.missing({"family_name": "Işık"}), names.missing({"status": "active"})) == ({"given_name"}, set())


def test_constant_goes_to_the_side_it_is_for() -> None:
    constants = rules(
        {"ours": "kind", "as": "constant", "value": "organisation"}, {"theirs": "TIP", "as": "constant", "value": 3}
    )
    assert (constants.to_ours({}), constants.to_theirs({})) == ({"kind": "organisation"}, {"TIP": 3})


def test_value_that_does_not_convert_is_left_for_validation_to_name() -> None:
    assert rules(RULES[2]).to_ours({"kişi": {"doğum": "dün"}}) == {"birth_date": "dün"}


def test_value_that_the_partner_cannot_hold_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"birth_date does not fit the partner's kişi\.doğum: .*dün"):
        rules(RULES[2]).to_theirs({"birth_date": "dün"})


ISTANBUL = {"zone": "Europe/Istanbul"}


@pytest.mark.parametrize(
    ("name", "options", "theirs", "ours"),
    [
        ("epoch_seconds", {}, 1_800_000_000, "2027-01-15T08:00:00.000000Z"),
        ("epoch_milliseconds", {}, 1_800_000_000_500, "2027-01-15T08:00:00.500000Z"),
        ("iso_seconds", {}, "2027-01-15T08:00:00Z", "2027-01-15T08:00:00.000000Z"),
        ("local_time", ISTANBUL, "2027-01-15T11:00:00", "2027-01-15T08:00:00.000000Z"),
        ("turkish_time", ISTANBUL, "15.01.2027 11:00:00", "2027-01-15T08:00:00.000000Z"),
        ("date", {}, "2027-01-15", "2027-01-15"),
        ("turkish_date", {}, "29.02.2024", "2024-02-29"),
        ("compact_date", {}, "20270115", "2027-01-15"),
        ("number", {}, 12.5, "12.5"),
        ("number", {}, 99_999_999_999.9999, "99999999999.9999"),
        ("decimal_comma", {}, "1234,50", "1234.50"),
        ("integer", {}, 3, 3),
        ("same", {}, ["a"], ["a"]),
        ("text", {}, "0012", "0012"),
        ("trimmed", {}, "İzmir", "İzmir"),
        ("map", {"pairs": {"in": 1, "out": 0}}, 0, "out"),
        ("money", {"currency": "TRY"}, 12.5, {"value": "12.5", "currency": "TRY"}),
    ],
)
def test_converter_goes_both_ways(name: str, options: Any, theirs: Any, ours: Any) -> None:
    converter = converters.make(name, options)
    assert (converter.pull(theirs), converter.push(ours)) == (ours, theirs)


@pytest.mark.parametrize(
    ("name", "theirs", "ours"),
    [
        ("active", "E", "active"),
        ("active", "Hayır", "inactive"),
        ("active", 0, "inactive"),
        ("trimmed", "  İzmir  ", "İzmir"),
        ("trimmed", "   ", None),
        ("decimal_comma", "1.234,50", "1234.50"),
        ("date", "1983-10-29T00:00:00", "1983-10-29"),
        ("number", 1e-4, "0.0001"),
    ],
)
def test_partners_other_spellings_are_understood(name: str, theirs: Any, ours: Any) -> None:
    assert converters.make(name, {}).pull(theirs) == ours


@pytest.mark.parametrize(
    ("name", "options", "ours"),
    [
        ("number", {}, "12345678901234.5678"),
        ("number", {}, True),
        ("money", {"currency": "TRY"}, {"value": "1", "currency": "EUR"}),
        ("map", {"pairs": {"in": 1}}, "out"),
        ("epoch_seconds", {}, "dün"),
        ("integer", {}, "1.5"),
    ],
)
def test_nothing_is_written_that_would_lose_something(name: str, options: Any, ours: Any) -> None:
    with pytest.raises((ValueError, KeyError)):
        converters.make(name, options).push(ours)


def test_path_digs_through_objects_and_lists() -> None:
    found = [dig({"a": [{"b": 1}]}, path) for path in ("a.0.b", "a.1.b", "a.b", "a.0.b.c", "")]
    assert found == [1, None, None, None, {"a": [{"b": 1}]}]


def test_path_makes_what_is_missing() -> None:
    target: dict[str, Any] = {}
    put(target, "a.1.b", "x")
    assert target == {"a": [None, {"b": "x"}]}


def test_time_for_ever_does_not_fit_where_clocks_are_ahead() -> None:
    translation = rules({"ours": "attributes.bis", "theirs": "bis", "as": "local_time", "zone": "Europe/Istanbul"})
    with pytest.raises(ValueError, match="bis"):
        translation.to_theirs({"attributes": {"bis": "9999-12-31T23:59:59Z"}})
