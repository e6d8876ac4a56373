"""JSON is read strictly: what two readers could understand differently is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadRequest, Invalid
from gateway.json_body import MOST_DEPTH, parse_json, write_json

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


def json_of(most: int) -> st.SearchStrategy[Any]:
    """JSON values whose whole numbers are no larger than `most`."""
    numbers = st.integers(-most, most) | st.floats(allow_nan=False, allow_infinity=False)
    return st.recursive(
        st.none() | st.booleans() | numbers | TEXT,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
        max_leaves=20,
    )


JSON = json_of(2**63 - 1)


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@given(JSON)
def test_every_value_of_json_is_read_as_it_was_meant(value: Any) -> None:
    assert parse_json(json.dumps(value).encode()) == value


@given(JSON)
def test_letters_may_stand_for_themselves_or_escaped(value: Any) -> None:
    assert parse_json(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary())
def test_any_bytes_are_read_or_refused_and_never_an_error(raw: bytes) -> None:
    try:
        parse_json(raw)
    except (BadRequest, Invalid):
        return
    raw.decode()


def test_depth_ends_at_its_limit() -> None:
    parse_json(nested(MOST_DEPTH))
    for depth in (MOST_DEPTH + 1, 10_000, 400_000):
        with pytest.raises(BadRequest, match="nested deeper"):
            parse_json(nested(depth))


@pytest.mark.parametrize(
    "raw", ['{"a": 1, "a": 1}', '{"a": {"b": 1, "b": 2}}', r'{"a": 1, "\u0061": 2}', '[{"": 1, "": 2}]']
)
def test_key_that_stands_twice_is_refused(raw: str) -> None:
    with pytest.raises(BadRequest, match="twice"):
        parse_json(raw.encode())


@pytest.mark.parametrize(
    "raw",
    [
        "NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1" * 41, "1" * 5000, "0." + "1" * 80, "1e" + "9" * 90,
    ],
)  # fmt: skip
def test_number_no_other_reader_knows_is_refused(raw: str) -> None:
    with pytest.raises(BadRequest):
        parse_json(raw.encode())


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 10**39])
def test_number_of_more_than_64_bits_is_refused_where_it_stands(number: int) -> None:
    with pytest.raises(Invalid) as refused:
        parse_json(b'{"a": [1, %d]}' % number)
    assert [each["pointer"] for each in refused.value.errors or ()] == ["/a/1"]


@pytest.mark.parametrize(
    "raw", ["01", "+1", ".5", "1.", "0x10", "1_000", "'a'", "undefined", "// a\n1", "[1,]", "\ufeff1"]
)
def test_what_only_looks_like_json_is_refused(raw: str) -> None:
    with pytest.raises(BadRequest):
        parse_json(raw.encode())


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (r'{"ad": "\u0000"}', "/ad"),
        (r'{"ad": ["x", "\ud800"]}', "/ad/1"),
        (r'{"a/b": {"c~d": "\udfff"}}', "/a~1b/c~0d"),
        (r'{"\u0000": 1}', ""),
        (r'"\u0000"', ""),
        (r'{"\ud800": {"ad": "\ud800"}}', ""),
    ],
)
def test_text_that_cannot_be_stored_is_named(raw: str, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_json(raw.encode())
    assert refused.value.errors[0]["pointer"] == pointer
    assert write_json(refused.value.errors)


@given(json_of(2**53))
def test_what_is_written_can_be_read(value: Any) -> None:
    assert json.loads(write_json(value)) == value
