"""Settings as JSON Schema: what marshmallow accepts it accepts, and what one field says wrong it refuses."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from marshmallow import Schema, fields, validate

import connectors
from connectors.rest import Rest
from connectors.wire.json_schema import describe

OPEN = {"base_url": "https://bayi.example", "auth": "none"}
DESCRIBED = [
    OPEN,
    {**OPEN, "auth": "api_key", "api_key": "gizli", "api_key_parameter": "anahtar"},
    {**OPEN, "incremental": None, "tombstones": None, "reference": None, "fetch": None},
    {**OPEN, "limits": {"read_seconds": 90, "max_bytes": 1_000_000}, "headers": {"X-Firma": "İzmir"}},
    {**OPEN, "auth": "hmac", "signing": {"secret": "gizli", "key_id": None, "key_header": None}},
    {**OPEN, "streams": {"customers": {"path": "/cari", "batch": {"path": "/cari/toplu"}, "update": "PUT"}}},
    {**OPEN, "inbound": {"kind": "token", "secrets": ["0123456789abcdef"], "header": "X-Token"}},
    {**OPEN, "tls": {"ca": "-----BEGIN CERTIFICATE-----"}},
]
WRONG: list[dict[str, Any]] = [
    {"auth": "none"},
    {**OPEN, "auth": "psychic"},
    {**OPEN, "colour": "blue"},
    {**OPEN, "limits": {"total_seconds": 0}},
    {**OPEN, "limits": {"max_bytes": 10**12}},
    {**OPEN, "headers": {"X Firma": "a"}},
    {**OPEN, "pagination": {"kind": "psychic"}},
    {**OPEN, "pagination": {"limit": "many"}},
    {**OPEN, "pagination": None},
    {**OPEN, "streams": {"cats": {"path": "/cats"}}},
    {**OPEN, "streams": {"customers": {}}},
    {**OPEN, "streams": {"customers": {"path": "customers"}}},
    {**OPEN, "streams": {"customers": {"path": "/c", "fields": [{"ours": "kind", "theirs": "b", "as": "eval"}]}}},
    {**OPEN, "auth": "hmac", "signing": {"secret": "gizli", "signed": []}},
    {**OPEN, "auth": "oauth", "oauth": {"token_url": "https://bayi.example/token", "client_id": "köprü"}},
]


def accepts(settings: Any) -> bool:
    return jsonschema_rs.Draft202012Validator(describe(Rest.Settings)).is_valid(settings)


@pytest.mark.parametrize("each", connectors.available(), ids=lambda each: each.name)
def test_settings_of_every_connector_are_described(each: connectors.Description) -> None:
    assert each.settings_schema is not None, each.error
    jsonschema_rs.meta.validate(each.settings_schema)


@pytest.mark.parametrize("settings", DESCRIBED)
def test_good_description_is_accepted_by_both(settings: dict[str, Any]) -> None:
    assert (accepts(settings), Rest.Settings().validate(settings)) == (True, {})


@pytest.mark.parametrize("settings", WRONG)
def test_wrong_description_is_refused_by_both(settings: dict[str, Any]) -> None:
    assert (accepts(settings), bool(Rest.Settings().validate(settings))) == (False, True)


def defaults(described: dict[str, Any]) -> dict[str, Any]:
    return {name: each["default"] for name, each in described["properties"].items() if "default" in each}


def test_every_default_fits_its_own_description() -> None:
    told = defaults(describe(Rest.Settings))
    whole = {**OPEN, **{name: told[name] for name in told.keys() - OPEN.keys()}}
    assert len(told) > 10 and accepts(whole)
    assert Rest.Settings().load(whole) == Rest.Settings().load(OPEN)


def test_secrets_are_for_writing_only() -> None:
    described = describe(Rest.Settings)["properties"]
    nested = [described["oauth"]["properties"]["client_secret"], described["signing"]["properties"]["secret"]]
    secrets = [described[name] for name in ("api_key", "password", "token")] + nested
    assert [each.get("writeOnly") for each in secrets] == [True] * 5 and "writeOnly" not in described["username"]


class Every(Schema):
    """One of each."""

    choice = fields.String(validate=validate.OneOf(("a", "b")), allow_none=True, metadata={"example": "a"})
    count = fields.Integer(validate=validate.Range(min=1, max=9, max_inclusive=False), load_default=3)
    tags = fields.List(fields.String(), validate=validate.Length(max=2))
    named = fields.Dict(fields.String(validate=validate.Regexp(r"^x\Z")), fields.Integer())
    amount = fields.Decimal(required=True, data_key="tutar")


def test_every_kind_of_field_has_its_words() -> None:
    assert describe(Every) == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "description": "One of each.",
        "required": ["tutar"],
        "additionalProperties": False,
        "properties": {
            "choice": {"type": ["string", "null"], "enum": ["a", "b", None], "examples": ["a"]},
            "count": {"type": "integer", "minimum": 1, "exclusiveMaximum": 9, "default": 3},
            "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
            "named": {
                "type": "object",
                "additionalProperties": {"type": "integer"},
                "propertyNames": {"type": "string", "pattern": "^x$"},
            },
            "tutar": {"type": ["string", "number"]},
        },
    }
