"""How a partner's JSON API is described: the settings of `rest`, each with the default that fits our own shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from connectors.wire import paging
from connectors.wire.mapping import CONVERTERS

STREAMS = ("customers", "interactions")
_NEEDED: dict[str, tuple[str, ...]] = {
    "api_key": ("api_key",),
    "basic": ("username", "password"),
    "bearer": ("token",),
    "none": (),
}


def _nested(schema: type[Schema], **options: Any) -> fields.Nested:
    return fields.Nested(schema, load_default=lambda: schema().load({}), **options)


def _path(**options: Any) -> fields.String:
    return fields.String(validate=validate.Length(max=200), **options)


class FieldRule(Schema):
    """One field on both sides, as dotted paths, through a named converter."""

    ours = _path(required=True)
    theirs = _path(required=True)
    converter = fields.String(data_key="as", load_default="same", validate=validate.OneOf(sorted(CONVERTERS)))


class Stream(Schema):
    """Where a stream lives below base_url; `fields` is empty when the partner speaks our shape."""

    path = fields.String(required=True, validate=validate.Regexp(r"^/[^?#\s]*\Z"))
    items = _path(load_default="items")
    rules = fields.List(fields.Nested(FieldRule), data_key="fields", load_default=list)


class Pagination(Schema):
    """How a list goes on: `next` is a path in the body, `parameter` carries the cursor, page number or offset."""

    kind = fields.String(load_default="cursor", validate=validate.OneOf(paging.KINDS))
    next = _path(load_default="next")
    parameter = _path(load_default="cursor")
    first_page = fields.Integer(load_default=1)
    limit_parameter = _path(load_default="limit", allow_none=True)
    limit = fields.Integer(load_default=200, validate=validate.Range(min=1, max=10_000))
    total = _path(load_default="total")


class Incremental(Schema):
    """How to ask for what changed: at or after a time. `ordered`: the list is sorted by it, oldest first."""

    parameter = _path(load_default="updated_since")
    converter = fields.String(data_key="as", load_default="same", validate=validate.OneOf(sorted(CONVERTERS)))
    overlap_seconds = fields.Float(load_default=60.0, validate=validate.Range(min=0, max=604_800))
    ordered = fields.Boolean(load_default=True)


class Tombstones(Schema):
    """How deleted records show: the field that is set on them, and what to ask for so that they are listed."""

    field = _path(load_default="deleted_at")
    parameters = fields.Dict(fields.String(), fields.String(), load_default=lambda: {"include_deleted": "true"})


class Reference(Schema):
    """Where the partner keeps our key, and the parameter that finds a record by it."""

    field = _path(load_default="reference")
    parameter = _path(load_default="reference")


class ApiDescription(Schema):
    """One partner's API."""

    base_url = fields.URL(required=True, schemes={"http", "https"}, require_tld=False)
    auth = fields.String(load_default="api_key", validate=validate.OneOf(sorted(_NEEDED)))
    api_key_header = fields.String(load_default="X-Api-Key")
    api_key = fields.String(load_only=True)
    username = fields.String()
    password = fields.String(load_only=True)
    token = fields.String(load_only=True)
    streams = fields.Dict(
        fields.String(validate=validate.OneOf(STREAMS)),
        fields.Nested(Stream),
        load_default=lambda: {name: Stream().load({"path": f"/{name}"}) for name in STREAMS},
    )
    pagination = _nested(Pagination)
    incremental = _nested(Incremental, allow_none=True)
    tombstones = _nested(Tombstones, allow_none=True)
    reference = _nested(Reference, allow_none=True)

    @validates_schema(skip_on_field_errors=True)
    def has_credentials(self, data: Mapping[str, Any], **_: Any) -> None:
        """Each kind of auth needs its own settings."""
        missing = [name for name in _NEEDED[data["auth"]] if not data.get(name)]
        if missing:
            raise ValidationError({name: [f"auth is {data['auth']}, which needs it."] for name in missing})
