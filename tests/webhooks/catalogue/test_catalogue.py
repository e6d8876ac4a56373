"""Every type of ours is described, shown to whom it is sent, and really sent."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from marshmallow import RAISE

from gateway.channels import DOORS, Channel
from gateway.customers import fields
from gateway.webhooks.catalogue.shown import schema_of
from gateway.webhooks.rendering import View, narrow
from schemas.event_catalogue import EVENT_TYPES, EventType
from tests.conftest import Api, Cast

SENT = [(each, channel) for each in EVENT_TYPES.values() for channel in DOORS if channel in each.channels]


def types_of(api: Api) -> dict[str, dict[str, Any]]:
    answer = api.get("/event-types", query_string={"limit": 200})
    assert answer.status_code == 200, answer.text
    return {each["name"]: each for each in answer.get_json()["items"]}


def view_of(channel: Channel) -> View:
    return View(channel, fields.BY_AGREEMENT if channel is Channel.EXTRANET else frozenset())


@pytest.mark.parametrize(("event_type", "channel"), SENT, ids=lambda each: getattr(each, "name", str(each)))
def test_example_is_as_its_schema_says(event_type: EventType, channel: Channel) -> None:
    view = view_of(channel)
    example, schema = narrow(event_type, dict(event_type.example), view), schema_of(event_type, view)
    Draft202012Validator.check_schema(schema)
    assert list(Draft202012Validator(schema).iter_errors(example)) == []
    assert set(example) == set(schema["properties"])
    event_type.shape_on(channel)(only=example.keys()).load(example, unknown=RAISE)


def test_each_channel_sees_the_types_it_is_sent(cast: Cast) -> None:
    seen = {api.channel: set(types_of(api)) for api in (cast.cem, cast.eskisehir, cast.ayse)}
    assert seen == {door: {each.name for each in EVENT_TYPES.values() if door in each.channels} for door in DOORS}
    assert "sync.run.failed" in seen[Channel.INTRANET] - seen[Channel.EXTRANET]


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("cem", {"owner", "internal_note"}),
        ("eskisehir", {"owner", "internal_note", "tax_id"}),
        ("ankara", {"owner", "internal_note", "tax_id", "birth_date"}),
        ("ayse", set()),
    ],
)
def test_fields_one_may_not_see_are_not_described(cast: Cast, name: str, hidden: set[str]) -> None:
    told = types_of(getattr(cast, name))["customer.updated"]
    everything = set(EVENT_TYPES["customer.updated"].shape._declared_fields)
    assert set(told["schema"]["properties"]) == set(told["example"]) == everything - hidden


def test_list_of_types_is_paged(cast: Cast) -> None:
    first = cast.ayse.get("/event-types?limit=3").get_json()
    rest = cast.ayse.get("/event-types", query_string={"limit": 200, "cursor": first["next"]}).get_json()
    names = [each["name"] for each in first["items"] + rest["items"]]
    assert (len(first["items"]), rest["next"], names) == (3, None, sorted(types_of(cast.ayse)))


@pytest.mark.parametrize("channel", DOORS)
def test_document_lists_what_the_channel_is_sent(whole_app: Flask, channel: Channel) -> None:
    document = whole_app.test_client().get(f"/{channel.value}/openapi.json").get_json()
    assert set(document["webhooks"]) == {each.name for each in EVENT_TYPES.values() if channel in each.channels}
    message = document["webhooks"]["customer.updated"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    shapes = [each["$ref"].rpartition("/")[2] for each in message["properties"]["data"]["anyOf"]]
    assert shapes == ["Customer", "ThinData"]
    assert ("owner" in message["examples"][0]["data"]) is (channel is Channel.INTRANET)


@pytest.mark.parametrize("channel", DOORS)
def test_page_shows_the_events(whole_app: Flask, channel: Channel) -> None:
    page = whole_app.test_client().get(f"/{channel.value}/docs").text
    assert ('id="event-customer.updated"' in page, 'id="event-sync.run.failed"' in page) == (
        True,
        channel is Channel.INTRANET,
    )
