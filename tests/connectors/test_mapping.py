"""Translating records both ways by rules."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.wire.mapping import CONVERTERS, Rule, dig, put, to_ours, to_theirs

RULES = [
    Rule("external_id", "id", CONVERTERS["text"]),
    Rule("given_name", "kişi.ad", CONVERTERS["same"]),
    Rule("birth_date", "kişi.doğum", CONVERTERS["turkish_date"]),
    Rule("status", "aktif", CONVERTERS["active"]),
    Rule("contact_points[]", "iletişim.0.adres", CONVERTERS["email"]),
    Rule("contact_points[]", "gsm", CONVERTERS["phone"]),
]
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


def test_partners_record_reads_in_our_shape() -> None:
    assert to_ours(THEIRS, RULES) == OURS


def test_our_record_reads_in_the_partners_shape() -> None:
    assert to_theirs(OURS, RULES) == {**THEIRS, "id": "7"}


def test_what_we_say_nothing_about_stays_untouched() -> None:
    assert to_theirs({"status": "inactive"}, RULES) == {"aktif": False}


def test_value_that_does_not_convert_is_left_for_validation_to_name() -> None:
    assert to_ours({"kişi": {"doğum": "dün"}}, RULES[2:3]) == {"birth_date": "dün"}


def test_value_that_the_partner_cannot_hold_is_an_error() -> None:
    with pytest.raises(ValueError, match="dün"):
        to_theirs({"birth_date": "dün"}, RULES[2:3])


@pytest.mark.parametrize(
    ("name", "theirs", "ours"),
    [
        ("epoch_seconds", 1_800_000_000, "2027-01-15T08:00:00.000000Z"),
        ("epoch_milliseconds", 1_800_000_000_500, "2027-01-15T08:00:00.500000Z"),
        ("compact_date", "20270115", "2027-01-15"),
        ("number", 12.5, "12.5"),
        ("integer", 3, 3),
        ("same", ["a"], ["a"]),
    ],
)
def test_converter_goes_both_ways(name: str, theirs: Any, ours: Any) -> None:
    converter = CONVERTERS[name]
    assert (converter.pull(theirs), converter.push(ours)) == (ours, theirs)


def test_path_digs_through_objects_and_lists() -> None:
    found = [dig({"a": [{"b": 1}]}, path) for path in ("a.0.b", "a.1.b", "a.b", "a.0.b.c", "")]
    assert found == [1, None, None, None, {"a": [{"b": 1}]}]


def test_path_makes_what_is_missing() -> None:
    target: dict[str, Any] = {}
    put(target, "a.1.b", "x")
    assert target == {"a": [None, {"b": "x"}]}
