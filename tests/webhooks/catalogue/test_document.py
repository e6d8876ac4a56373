"""Types of the house's own in the documents of the channels that are sent them, and of no other."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from flask import Flask
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from gateway import api_docs
from gateway.channels import DOORS, Channel
from tests.conftest import Cast
from tests.webhooks.catalogue.test_registered import NAME, TYPE, register_type

OWN = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "properties": {
        "$ref": {"const": {"$ref": "#/$defs/none"}},
        "rides": {"type": "array", "items": {"anyOf": [{"$ref": "#/$defs/ride"}, False]}},
    },
    "$defs": {"ride": {"properties": {"seats": {"$ref": "#/$defs/count"}}}, "count": {"type": "integer"}},
}


def read(app: Flask, channel: Channel) -> dict[str, Any]:
    return dict(app.test_client().get(f"/{channel.value}/openapi.json").get_json())


def validator_of(document: dict[str, Any], place: str) -> Draft202012Validator:
    """What judges by the schema that stands at a place of the document, and by all it refers to."""
    registry: Registry[Any] = Registry().with_resource("urn:document", DRAFT202012.create_resource(document))
    return Draft202012Validator({"$ref": f"urn:document#/{place}"}, registry=registry)


def shown_on(app: Flask) -> list[Channel]:
    return [channel for channel in DOORS if NAME in read(app, channel)["webhooks"]]


@pytest.mark.parametrize(
    ("channels", "shown"),
    [(["intranet"], [Channel.INTRANET]), (["extranet"], [Channel.EXTRANET, Channel.INTRANET])],
)
def test_type_stands_in_the_documents_of_the_channels_that_are_sent_it(
    cast: Cast, whole_app: Flask, channels: list[str], shown: list[Channel]
) -> None:
    assert shown_on(whole_app) == []
    register_type(cast, channels=channels)
    assert shown_on(whole_app) == shown


@pytest.mark.parametrize("schema", [TYPE["schema"], OWN], ids=["plain", "with references"])
def test_document_with_a_type_is_sound_and_its_references_lead_somewhere(
    cast: Cast, whole_app: Flask, schema: dict[str, Any]
) -> None:
    register_type(cast, schema=schema)
    document = read(whole_app, Channel.EXTRANET)
    schemathesis.openapi.from_dict(document).validate()
    message = document["webhooks"][NAME]["post"]["requestBody"]["content"]["application/json"]["schema"]
    place = f"webhooks/{NAME}/post/requestBody/content/application~1json/schema"
    assert [list(validator_of(document, place).iter_errors(each)) for each in message["examples"]] == [[]]


def test_reference_in_a_component_is_followed_and_a_value_that_looks_like_one_is_left(
    cast: Cast, whole_app: Flask
) -> None:
    register_type(cast, schema=OWN)
    validator = validator_of(read(whole_app, Channel.EXTRANET), f"components/schemas/{NAME}")
    assert validator.is_valid({"$ref": {"$ref": "#/$defs/none"}, "rides": [{"seats": 2}]})
    assert not validator.is_valid({"$ref": {"$ref": "elsewhere"}})
    assert not validator.is_valid({"rides": [{"seats": "two"}]})


def test_change_shows_at_once(cast: Cast, whole_app: Flask) -> None:
    version = register_type(cast)["version"]
    assert read(whole_app, Channel.EXTRANET)["webhooks"][NAME]["post"]["summary"] == TYPE["description"]
    version = cast.ayse.patch(f"/event-types/{NAME}", {"description": "Gün alındı."}, version).get_json()["version"]
    assert read(whole_app, Channel.EXTRANET)["webhooks"][NAME]["post"]["summary"] == "Gün alındı."
    cast.ayse.patch(f"/event-types/{NAME}", {"channels": ["intranet"]}, version)
    assert shown_on(whole_app) == [Channel.INTRANET]


def test_archived_type_is_marked_as_sent_no_more(cast: Cast, whole_app: Flask) -> None:
    cast.ayse.patch(f"/event-types/{NAME}", {"archived": True}, register_type(cast)["version"])
    assert read(whole_app, Channel.EXTRANET)["webhooks"][NAME]["post"]["deprecated"] is True
    assert "(sent no more)" in whole_app.test_client().get("/extranet/docs").text


def test_page_shows_a_type_with_its_example_and_nothing_of_it_is_markup(cast: Cast, whole_app: Flask) -> None:
    register_type(cast, description="<script>alert(1)</script>")
    page = whole_app.test_client().get("/extranet/docs").text
    assert f'id="event-{NAME}"' in page and f'id="shape-{NAME}"' in page and "K\\u0131rm\\u0131z\\u0131" in page
    assert "<script>" not in page
    assert NAME not in whole_app.test_client().get("/internet/docs").text


def test_document_is_written_once_and_not_sent_to_who_has_it(
    cast: Cast, whole_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_type(cast)
    read(whole_app, Channel.EXTRANET)
    monkeypatch.setattr(api_docs, "document", None)
    first = whole_app.test_client().get("/extranet/openapi.json")
    known = {"If-None-Match": first.headers["ETag"]}
    again = whole_app.test_client().get("/extranet/openapi.json", headers=known)
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
