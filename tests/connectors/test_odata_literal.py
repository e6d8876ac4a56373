"""Values in OData's URLs: whatever the text, it stays one literal."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.wire import cursor as cursors
from connectors.wire.odata_literal import Clock, Key, query, string

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
COMPOSITE = Key({"Kod": "string", "Sıra": "number", "Ad": "string"})


def read_literal(text: str) -> tuple[str, str]:
    """A string literal as the ABNF reads it: its value, and what follows it."""
    assert text.startswith("'")
    value, rest = "", text[1:]
    while True:
        before, _, rest = rest.partition("'")
        value += before
        if not rest.startswith("'"):
            return value, rest
        value, rest = value + "'", rest[1:]


@given(TEXTS)
def test_string_ends_where_it_ought_to(value: str) -> None:
    assert read_literal(string(value)) == (value, "")


@given(TEXTS)
def test_filter_survives_the_query(value: str) -> None:
    asked = f"Ad eq {string(value)}"
    told = query({"$filter": asked, "$top": 1})
    assert (parse_qs(urlsplit(told).query, keep_blank_values=True), "+" in told) == (
        {"$filter": [asked], "$top": ["1"]},
        False,
    )


@given(TEXTS)
def test_key_is_one_segment_and_comes_back(value: str) -> None:
    key = Key({"Kod": "string"})
    predicate = key.predicate(value)
    assert not {*"/?#&+ "} & {*predicate}
    assert read_literal(unquote(predicate)[1:]) == (value, ")")
    assert key.of_address(f"https://erp.example/odata/Cariler{predicate}") == value


@given(TEXTS, st.integers(-(2**63), 2**63 - 1), TEXTS)
def test_key_of_several_properties_comes_back(code: str, number: int, name: str) -> None:
    external_id = COMPOSITE.of({"Kod": code, "Sıra": number, "Ad": name})
    assert external_id is not None
    assert COMPOSITE.of_address(f"Cariler{COMPOSITE.predicate(external_id)}") == external_id


@pytest.mark.parametrize("external_id", ["", "Kod='a'", "Kod='a',Sıra=x,Ad='b'", "Kod='a',Sıra=1,Ad='b' or 1 eq 1"])
def test_what_is_no_key_makes_no_address(external_id: str) -> None:
    with pytest.raises(ValueError):
        COMPOSITE.predicate(external_id)


@pytest.mark.parametrize("kind", ["guid", "number"])
@pytest.mark.parametrize("value", ["", "1) or (1 eq 1", "'1'", "null", "İ", "١"])
def test_bare_literals_take_nothing_else(kind: str, value: str) -> None:
    with pytest.raises(ValueError):
        Key({"ID": kind}).predicate(value)


def test_bare_guid_of_a_removed_entry_is_a_key() -> None:
    told = str(uuid4())
    assert Key({"ID": "guid"}).of_address(told) == told


@given(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2200, 1, 1)), st.sampled_from(["datetime", "date"]))
def test_bounds_enclose_their_moment(naive: dt.datetime, kind: str) -> None:
    clock, moment = Clock("Değişti", kind), cursors.text(naive.replace(tzinfo=dt.UTC))
    low, high = clock.floor(moment), clock.ceil(moment)
    assert low <= moment <= high
    assert [cursors.latest([clock.literal(each)]) for each in (low, high)] == [low, high]


def test_time_has_a_fraction_only_where_it_needs_one() -> None:
    times = ["2026-01-31T10:00:00.000000Z", "2026-01-31T10:00:00.250999Z"]
    assert [Clock("c", "datetime").literal(each) for each in times] == [
        "2026-01-31T10:00:00Z",
        "2026-01-31T10:00:00.250Z",
    ]


def test_the_year_of_never_has_four_digits() -> None:
    assert Clock("Değişti", "datetime").literal("0001-01-01T00:00:00Z") == "0001-01-01T00:00:00Z"


@pytest.mark.parametrize("address", ["(" * 1_000_000, f"S({'A' * 1_000_000})"])
def test_an_address_that_would_take_hours_to_read_is_no_key(address: str) -> None:
    assert COMPOSITE.of_address(address) is None
    with pytest.raises(ValueError, match="too long"):
        COMPOSITE.predicate(address)
