"""Which schemas the house may write: none that is slow, leads elsewhere, or says nothing."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.webhooks.catalogue.json_schema import faults, mismatches


def nested(depth: int) -> dict[str, Any]:
    """A schema of little size that refers to itself twice at each of many steps."""
    steps = {f"s{n}": {"allOf": [{"$ref": f"#/$defs/s{n + 1}"}] * 2} for n in range(depth)}
    return {"$ref": "#/$defs/s0", "$defs": {**steps, f"s{depth}": {"type": "string"}}}


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"$ref": "https://example.com/schema.json"}, "/schema/$ref"),
        ({"$ref": "file:///etc/passwd"}, "/schema/$ref"),
        ({"$ref": "#"}, "/schema/$ref"),
        ({"$ref": 5}, "/schema/$ref"),
        ({"$ref": "#/$defs/nowhere"}, "/schema"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"items": {"$ref": "#/$defs/a"}}}}, "/schema"),
        (nested(20), "/schema"),
        ({"$id": "https://example.com/"}, "/schema/$id"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "/schema/$schema"),
        ({"properties": {"a/b": {"pattern": "^(a+)+$"}}}, "/schema/properties/a~1b/pattern"),
        ({"items": {"uniqueItems": True}}, "/schema/items/uniqueItems"),
        ({"patternProperties": {"^a": {}}}, "/schema/patternProperties"),
        ({"anyOf": [{"type": "text"}]}, "/schema/anyOf/0/type"),
        ({"anyOf": {}}, "/schema/anyOf"),
        ({"properties": []}, "/schema/properties"),
        ({"items": 5}, "/schema/items"),
        ({"minLength": -1}, "/schema/minLength"),
        ({"description": "x" * 70_000}, "/schema"),
        ({"properties": {f"p{n}": {} for n in range(600)}}, "/schema"),
    ],
)
def test_schema_that_may_not_be_is_pointed_at(schema: dict[str, Any], pointer: str) -> None:
    assert [error["pointer"] for error in faults(schema)] == [pointer]


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"properties": {"pattern": {"type": "string"}, "$ref": {"type": "string"}}},
        {"if": {"required": ["a"]}, "then": {"minProperties": 2}, "else": False},
        {"oneOf": [{"const": "İ"}, {"enum": [1, None]}], "not": {"type": "array", "maxItems": 3}},
        nested(5),
    ],
)
def test_plain_schema_may_be(schema: dict[str, Any]) -> None:
    assert faults(schema) == []


@pytest.mark.parametrize(
    ("pattern", "may_be"),
    [
        (r"^\d{2} [A-Z]{1,3} \d{2,4}$", True),
        (r"^[a-zçğıöşü]+$", True),
        (r"^TR\d{24}$", True),
        (r"^[^@ ]+@[^@ ]+$", True),
        (r"^\+90\.\d+$", True),
        (r"^$", True),
        (r"\d+", False),
        (r"^(a+)+$", False),
        (r"^a|b$", False),
        (r"^a*b*c*d*$", False),
        (r"^a?a?a?a?aaaa$", False),
        (r"^a**$", False),
        (r"^a{2,1}$", False),
        (r"^[z-a]$", False),
        (r"^\1$", False),
        (r"^(?=a)a$", False),
        ("^" + "a{1}" * 45 + "($", False),
        ("^" + "[^^]" * 45 + "($", False),
        ("^" + "a" * 300 + "$", False),
    ],
)
def test_pattern_is_one_run_of_characters(pattern: str, may_be: bool) -> None:
    assert (faults({"pattern": pattern}) == []) is may_be


def test_worst_pattern_and_longest_texts_are_soon_decided() -> None:
    schema = {"items": {"pattern": "^a*a*a*b$"}}
    assert faults(schema) == []
    started = time.thread_time()
    assert len(mismatches(schema, ["a" * 100] * 500, "/data")) == 100
    assert time.thread_time() - started < 10.0


@pytest.mark.parametrize(("text", "fits"), [("26", True), ("٢٦", False), ("26\n", False), ("2" * 101, False)])
def test_pattern_means_the_whole_of_a_short_text_in_plain_digits(text: str, fits: bool) -> None:
    assert (mismatches({"pattern": r"^\d+$"}, text, "/data") == []) is fits


def test_data_of_too_many_values_is_refused_before_it_is_checked() -> None:
    assert [error["pointer"] for error in mismatches({}, list(range(1001)), "/data")] == ["/data"]


_JSON = st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8), lambda inner: (
    st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["type", "properties", "items", "anyOf", "$ref", "pattern", "$defs", "required", "not", "a"]),
        inner, max_size=4,
    )
), max_leaves=12)  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(["type", "properties", "items", "anyOf", "$ref", "pattern", "$defs"]), _JSON), _JSON
)
def test_no_schema_breaks_the_judge_and_none_it_passes_breaks_the_check(schema: dict[str, Any], data: Any) -> None:
    if not faults(schema):
        mismatches(schema, data, "/data")
