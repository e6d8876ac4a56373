"""Which value survives, without a database: newest by its own source's clock, verified first, nothing full lost."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.customers import shape
from gateway.customers.bulk import BLANK
from gateway.db import new_id
from gateway.errors import Invalid
from gateway.identity.merging.survivorship import survive
from gateway.provenance import of

OLD, NEW = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"


def record(source: str, at: str, **fields: Any) -> dict[str, Any]:
    """A stored row that came from one source at once."""
    said = shape.normalise({**BLANK, "kind": "person", "given_name": "Işıl", **fields})
    return shape.complete(said) | {"id": new_id(), "version": 1, "sources": {"": [source, at]}}


def phone(number: str, **flags: Any) -> dict[str, Any]:
    return {"kind": "phone", "value": number, **flags}


@pytest.mark.parametrize(
    ("mine", "theirs", "survives"), [(OLD, NEW, "Şahin"), (NEW, OLD, "Öğütçü"), (OLD, OLD, "Öğütçü")]
)
def test_newest_word_survives_and_the_kept_ones_where_none_is_newer(mine: str, theirs: str, survives: str) -> None:
    keep, lose = record("a", mine, family_name="Öğütçü"), record("b", theirs, family_name="Şahin")
    assert survive(keep, lose, {}).row["family_name"] == survives


def test_empty_value_replaces_none_that_says_something() -> None:
    keep, lose = record("a", OLD, family_name="Öğütçü"), record("b", NEW)
    assert survive(keep, lose, {}).row["family_name"] == "Öğütçü"


def test_each_value_keeps_its_source_and_its_time() -> None:
    keep, lose = (
        record("a", NEW, locale="tr-TR"),
        record("b", OLD, tax_id="17291716060", contact_points=[phone("05321112233")]),
    )
    survivor = survive(keep, lose, {}).row
    point = survivor["contact_points"][0]["id"]
    names = [of(survivor["sources"], path).name for path in ("locale", "tax_id", f"contact_points/{point}")]
    assert names == ["a", "b", "b"]


def test_verified_contact_points_come_first_and_one_of_a_kind_is_primary() -> None:
    keep = record("a", NEW, contact_points=[phone("05321112233", primary=True)])
    lose = record("b", OLD, contact_points=[phone("05321112244", primary=True, verified_at=OLD)])
    points = survive(keep, lose, {}).row["contact_points"]
    assert [(each["value"], each["primary"]) for each in points] == [("+905321112244", True), ("+905321112233", False)]


def test_contact_point_of_both_stands_once_and_stays_verified() -> None:
    keep = record("a", NEW, contact_points=[phone("05321112233")])
    lose = record("b", OLD, contact_points=[phone("+90 532 111 22 33", verified_at=OLD, primary=True)])
    [point] = survive(keep, lose, {}).row["contact_points"]
    assert point == keep["contact_points"][0] | {"verified_at": OLD, "primary": True}


def test_more_contact_points_than_a_record_may_have_ask_for_a_choice() -> None:
    keep, lose = (
        record(name, OLD, contact_points=[phone(f"0532111{start + each:04}") for each in range(60)])
        for name, start in (("a", 0), ("b", 5000))
    )
    with pytest.raises(Invalid) as refused:
        survive(keep, lose, {})
    assert refused.value.errors[0]["pointer"] == "/contact_points"
    assert len(survive(keep, lose, {"contact_points": "keep"}).row["contact_points"]) == 60
