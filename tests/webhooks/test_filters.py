"""What a condition lets through, and which conditions are refused."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.webhooks.filters import check, is_met

CEM = {
    "status": "active",
    "given_name": "İğşı",
    "version": 1,
    "is_vip": True,
    "satisfaction": None,
    "amount": {"value": "1250.00", "currency": "TRY"},
    "contact_points": [
        {"kind": "email", "primary": True},
        {"kind": "address", "address": {"city": "Eskişehir"}},
    ],
    "tags": ["sedan", "dizel"],
    "products": [],
}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"field": "status", "is": ["prospect", "active"]}, True),
        ({"field": "status", "is": ["prospect"]}, False),
        ({"field": "status", "is_not": ["prospect"]}, True),
        ({"field": "status", "is_not": ["prospect", "active"]}, False),
        ({"field": "given_name", "is": ["iğşı"]}, False),
        ({"field": "amount.currency", "is": ["TRY"]}, True),
        ({"field": "contact_points.address.city", "is": ["Eskişehir"]}, True),
        ({"field": "contact_points.kind", "is_not": ["phone"]}, True),
        ({"field": "contact_points.kind", "is_not": ["email"]}, False),
        ({"field": "tags", "is": ["dizel"]}, True),
        ({"field": "satisfaction", "is": [None]}, True),
        ({"field": "segment", "is": [None]}, False),
        ({"field": "segment", "is_not": ["A"]}, True),
        ({"field": "amount", "is": ["TRY"]}, False),
        ({"field": "status.inner", "exists": True}, False),
    ],
)
def test_condition_is_about_any_value_at_its_path(condition: dict[str, Any], holds: bool) -> None:
    assert is_met([condition], CEM) is holds


@pytest.mark.parametrize(
    ("field", "exists"),
    [("status", True), ("satisfaction", False), ("segment", False), ("products", False), ("amount", True)],
)
def test_what_is_null_or_empty_does_not_exist(field: str, exists: bool) -> None:
    assert is_met([{"field": field, "exists": True}], CEM) is exists
    assert is_met([{"field": field, "exists": False}], CEM) is not exists


@pytest.mark.parametrize(
    ("field", "value", "holds"),
    [("version", 1, True), ("version", 1.0, True), ("version", True, False), ("version", "1", False),
     ("is_vip", True, True), ("is_vip", 1, False)],
)  # fmt: skip
def test_values_are_compared_as_json_does(field: str, value: Any, holds: bool) -> None:
    assert is_met([{"field": field, "is": [value]}], CEM) is holds


def test_every_condition_must_hold() -> None:
    active, sedan = {"field": "status", "is": ["active"]}, {"field": "tags", "is": ["kamyon"]}
    assert (is_met([], CEM), is_met([active], CEM), is_met([active, sedan], CEM)) == (True, True, False)


@pytest.mark.parametrize(
    ("filters", "pointer"),
    [
        ({}, "/filters"),
        ([{"field": "a", "exists": True}] * 21, "/filters"),
        (["status"], "/filters/0"),
        ([{"is": ["a"]}], "/filters/0/field"),
        ([{"field": "", "is": ["a"]}], "/filters/0/field"),
        ([{"field": "a..b", "is": ["a"]}], "/filters/0/field"),
        ([{"field": 7, "is": ["a"]}], "/filters/0/field"),
        ([{"field": "a" * 201, "is": ["a"]}], "/filters/0/field"),
        ([{"field": "a\x00", "is": ["a"]}], "/filters/0/field"),
        ([{"field": "a"}], "/filters/0"),
        ([{"field": "a", "is": ["a"], "is_not": ["b"]}], "/filters/0"),
        ([{"field": "a", "exists": True}, {"field": "a", "is": []}], "/filters/1/is"),
        ([{"field": "a", "is": "a"}], "/filters/0/is"),
        ([{"field": "a", "is": [["a"]]}], "/filters/0/is"),
        ([{"field": "a", "is_not": ["a" * 501]}], "/filters/0/is_not"),
        ([{"field": "a", "is_not": list(range(51))}], "/filters/0/is_not"),
        ([{"field": "a", "exists": "yes"}], "/filters/0/exists"),
        ([{"field": "a", "exists": True, "x/y": 1}], "/filters/0/x~1y"),
    ],
)
def test_wrong_condition_is_pointed_at(filters: Any, pointer: str) -> None:
    assert [error["pointer"] for error in check(filters)] == [pointer]


def test_right_conditions_pass() -> None:
    assert (
        check([{"field": "amount.currency", "is": ["TRY", None, 1, 2.5, False]}, {"field": "a", "exists": False}]) == []
    )
