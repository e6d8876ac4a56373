"""Describing an OData service: wrong descriptions are refused at their place, and abilities follow from them."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.http import Http
from connectors.odata import OData

STREAM: dict[str, Any] = {
    "entity_set": "Bayiler",
    "key": {"No": "string"},
    "fields": [{"ours": "organisation_name", "theirs": "Ünvan"}],
}
WRONG: list[tuple[str, Any]] = [
    ("entity_set", "Bayiler?$top=1"),
    ("entity_set", "../Bayiler"),
    ("key", {}),
    ("key", {"No": "text"}),
    ("key", {"No eq 1": "string"}),
    ("changed", {"property": "ModifiedOn desc"}),
    ("changed", {}),
    ("reference", "Ref eq 'x' or Ref"),
    ("deleted", {"property": ""}),
    ("fields", []),
    ("fields", [{"ours": "external_id", "theirs": "No"}]),
    ("fields", [{"ours": "ünvan", "theirs": "Ünvan"}]),
    ("paging", "pages"),
    ("page_size", 0),
    ("select", []),
]


def service(**more: Any) -> dict[str, Any]:
    return {"base_url": "https://erp.example/odata", "auth": "none", "streams": {"customers": {**STREAM, **more}}}


def abilities(**more: Any) -> frozenset[str]:
    return OData(OData.Settings().load(service(**more)), Http()).can


@pytest.mark.parametrize(("name", "wrong"), WRONG)
def test_wrong_description_is_refused_at_its_place(name: str, wrong: Any) -> None:
    errors: Any = OData.Settings().validate(service(**{name: wrong}))
    assert [*errors["streams"]["customers"]] == [name]


def test_changes_are_tracked_along_links_only() -> None:
    errors: Any = OData.Settings().validate(service(delta=True, paging="skip"))
    assert [*errors["streams"]["customers"]] == ["paging"]


def test_service_without_a_stream_is_refused() -> None:
    assert "streams" in OData.Settings().validate({**service(), "streams": {}})


@pytest.mark.parametrize(
    ("more", "gained"),
    [
        ({}, set()),
        ({"reference": "Ref"}, {"push"}),
        ({"changed": {"property": "ModifiedOn"}}, {"ranges"}),
        ({"delta": True}, {"tombstones"}),
        ({"deleted": {"property": "IsMarkedForDeletion"}}, {"tombstones"}),
    ],
)
def test_abilities_follow_from_the_description(more: dict[str, Any], gained: set[str]) -> None:
    assert abilities(**more) == {"pull", "full_listing", "fetch"} | gained
