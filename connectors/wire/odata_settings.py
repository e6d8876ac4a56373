"""How an OData service is described: the settings of `odata`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from connectors.wire import odata_batch, odata_literal
from connectors.wire.field_rules import FieldRule, check_mapping
from connectors.wire.site_settings import SiteSettings

PAGING = ("links", "skip")
VERSIONS = ("4.0", "4.01")
_OURS = ("external_id", "version")


def _property(**options: Any) -> fields.String:
    return fields.String(validate=validate.Regexp(r"^\w{1,128}\Z", error="The name of a property."), **options)


def _option(**options: Any) -> fields.String:
    return fields.String(load_default=None, allow_none=True, validate=validate.Length(min=1, max=4000), **options)


class Changed(Schema):
    """The property with the time of the last change."""

    property = _property(required=True)
    kind = fields.String(load_default="datetime", validate=validate.OneOf(("datetime", "date")))
    overlap_seconds = fields.Float(load_default=60.0, validate=validate.Range(min=0, max=604_800))


class Deleted(Schema):
    """The property that marks a deleted entity, which stays in its set."""

    property = _property(required=True)
    values = fields.List(
        fields.Raw(),
        load_default=None,
        allow_none=True,
        metadata={"description": "the values that mean deleted; null: anything but null, false, 0 and empty"},
    )


class Stream(Schema):
    """One entity set."""

    entity_set = fields.String(
        required=True, validate=validate.Regexp(r"^\w[\w.]*(?:/\w[\w.]*)*\Z", error="A path of names below base_url.")
    )
    key = fields.Dict(
        _property(),
        fields.String(validate=validate.OneOf(tuple(odata_literal.KINDS))),
        required=True,
        validate=validate.Length(min=1, max=8),
        metadata={"description": "the kind of each property of the key"},
    )
    rules = fields.List(
        fields.Nested(FieldRule), data_key="fields", required=True, validate=validate.Length(min=1, max=500)
    )
    changed = fields.Nested(Changed, load_default=None, allow_none=True)
    deleted = fields.Nested(Deleted, load_default=None, allow_none=True)
    delta = fields.Boolean(load_default=False, metadata={"description": "follow the service's own delta links"})
    reference = _property(
        load_default=None, allow_none=True, metadata={"description": "keeps our key; null: the set is only read"}
    )
    etag = fields.String(
        load_default=None, allow_none=True, metadata={"description": "a property in place of the annotation"}
    )
    filter = _option(metadata={"description": "further $filter"})
    select = fields.List(_property(), load_default=None, allow_none=True, validate=validate.Length(min=1, max=500))
    expand = _option(metadata={"description": "$expand"})
    paging = fields.String(load_default="links", validate=validate.OneOf(PAGING))
    page_size = fields.Integer(strict=True, load_default=500, validate=validate.Range(min=1, max=5000))
    count = fields.Boolean(load_default=False, metadata={"description": "ask for the total"})

    @validates_schema(skip_on_field_errors=True)
    def has_possible_paging(self, data: Mapping[str, Any], **_: Any) -> None:
        """Changes are tracked along the service's own links only."""
        if data["delta"] and data["paging"] != "links":
            raise ValidationError({"paging": ["`delta` needs `links`."]})


class Streams(Schema):
    """The entity sets there are."""

    customers = fields.Nested(Stream)
    interactions = fields.Nested(Stream)


class Batch(Schema):
    """Many changes by one request to `$batch`, each on its own."""

    format = fields.String(load_default="json", validate=validate.OneOf(tuple(odata_batch.FORMATS)))
    most = fields.Integer(strict=True, load_default=100, validate=validate.Range(min=1, max=1000))


class ServiceDescription(SiteSettings):
    """One service; `base_url` is its root."""

    version = fields.String(load_default="4.0", validate=validate.OneOf(VERSIONS))
    csrf = fields.Boolean(load_default=False, metadata={"description": "writes need a token that is fetched first"})
    batch = fields.Nested(Batch, load_default=None, allow_none=True)
    streams = fields.Nested(Streams, required=True)

    @validates_schema(skip_on_field_errors=True)
    def has_possible_streams(self, data: Mapping[str, Any], **_: Any) -> None:
        """At least one stream, and only fields that exist."""
        if not data["streams"]:
            raise ValidationError({"streams": ["At least one stream."]})
        wrong = {name: {"fields": found} for name, each in data["streams"].items() if (found := _problems(name, each))}
        if wrong:
            raise ValidationError({"streams": wrong})


def _problems(name: str, stream: Mapping[str, Any]) -> dict[int, dict[str, list[str]]]:
    owned = [position for position, rule in enumerate(stream["rules"]) if rule["ours"] in _OURS]
    return check_mapping(name, stream["rules"]) or {
        position: {"ours": ["It comes from the entity's key and ETag: leave it out."]} for position in owned
    }
