"""How a partner's JSON API is described: the settings of `rest`, each with the default that fits our own shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from connectors.wire import converters, paging
from connectors.wire.field_rules import FieldRule, check_mapping, dotted, is_zone
from connectors.wire.inbound import Inbound
from connectors.wire.site_settings import SiteSettings

_SHARED = ("pagination", "incremental", "tombstones", "reference", "fetch", "batch")
_OUR_LISTS = {"customers": {"path": "/customers"}, "interactions": {"path": "/interactions"}}


def _nested(schema: type[Schema], **options: Any) -> fields.Nested:
    return fields.Nested(schema, load_default=lambda: schema().load({}), **options)


def _address(**options: Any) -> fields.String:
    return fields.String(validate=validate.Regexp(r"^/[^?#\s]*\Z", error="A path that begins with `/`."), **options)


class Pagination(Schema):
    """How a list goes on: `next` is a path in the body, `parameter` carries the cursor, page number or offset."""

    kind = fields.String(load_default="cursor", validate=validate.OneOf(paging.KINDS))
    next = dotted(load_default="next")
    parameter = dotted(load_default="cursor")
    first_page = fields.Integer(strict=True, load_default=1, validate=validate.Range(min=0, max=1))
    limit_parameter = dotted(load_default="limit", allow_none=True)
    limit = fields.Integer(strict=True, load_default=200, validate=validate.Range(min=1, max=10_000))
    total = dotted(load_default="total")


class Incremental(Schema):
    """How to ask for what changed: at or after a time. `ordered`: the list is sorted by it, oldest first."""

    parameter = dotted(load_default="updated_since")
    until_parameter = dotted(load_default=None, allow_none=True)
    converter = fields.String(data_key="as", load_default="same", validate=validate.OneOf(converters.TIMES))
    zone = fields.String(validate=is_zone)
    overlap_seconds = fields.Float(load_default=60.0, validate=validate.Range(min=0, max=604_800))
    ordered = fields.Boolean(load_default=True)

    @validates_schema(skip_on_field_errors=True)
    def has_its_zone(self, data: Mapping[str, Any], **_: Any) -> None:
        """Wall-clock times need the place of the clock."""
        if "zone" in converters.NEEDS.get(data["converter"], ()) and "zone" not in data:
            raise ValidationError({"zone": [f"`{data['converter']}` needs it."]})


class Tombstones(Schema):
    """How deletions show: `flag`, a field of the listed record; `list`, a list of their own, of ids or objects."""

    kind = fields.String(load_default="flag", validate=validate.OneOf(("flag", "list")))
    field = dotted(load_default="deleted_at", metadata={"description": "flag: what is set on a deleted record"})
    values = fields.List(
        fields.Raw(),
        load_default=None,
        allow_none=True,
        metadata={"description": "flag: the values that mean deleted; null: anything but null, false, 0 and empty"},
    )
    parameters = fields.Dict(
        fields.String(),
        fields.String(),
        load_default=lambda: {"include_deleted": "true"},
        metadata={"description": "what to ask for so that they are listed"},
    )
    path = _address(load_default=None, allow_none=True, metadata={"description": "list: where it is, below base_url"})
    items = dotted(load_default="items", metadata={"description": "list: the path of the list in the answer"})
    id = dotted(load_default="", metadata={"description": "list: the path of the external id in an item"})

    @validates_schema(skip_on_field_errors=True)
    def has_a_path(self, data: Mapping[str, Any], **_: Any) -> None:
        """A list of its own is somewhere."""
        if data["kind"] == "list" and data["path"] is None:
            raise ValidationError({"path": ["kind is list, which needs it."]})


class Reference(Schema):
    """Where the partner keeps our key, and the parameter that finds a record by it."""

    field = dotted(load_default="reference")
    parameter = dotted(load_default="reference")


class Fetch(Schema):
    """That one record answers at its list's path + `/` + its id, and where in that answer it stands."""

    record = dotted(load_default="")


class Batch(Schema):
    """One request for many changes; the answers stand in the order of the changes."""

    path = _address(required=True)
    method = fields.String(load_default="POST", validate=validate.OneOf(("POST", "PUT", "PATCH")))
    most = fields.Integer(strict=True, load_default=100, validate=validate.Range(min=1, max=10_000))
    items = dotted(load_default="items", metadata={"description": "where the changes go in our request"})
    op = dotted(load_default="op", allow_none=True, metadata={"description": "carries create, update or delete"})
    id = dotted(load_default="external_id", allow_none=True, metadata={"description": "carries the external id"})
    version = dotted(load_default="version", allow_none=True, metadata={"description": "carries the version last seen"})
    answers = dotted(load_default="items", metadata={"description": "where the answers stand"})
    status = dotted(load_default="status", metadata={"description": "the HTTP status of one answer"})
    record = dotted(load_default="record", metadata={"description": "the written record in one answer"})
    error = dotted(load_default="error", metadata={"description": "what one answer says went wrong"})


class Stream(Schema):
    """Where a stream lives below base_url; `fields` is empty when the partner speaks our shape.

    What is described here of pages, changes, deletions and references replaces what is described for all streams.
    """

    path = _address(required=True)
    items = dotted(load_default="items")
    update = fields.String(
        load_default="PATCH",
        validate=validate.OneOf(("PATCH", "PUT")),
        metadata={"description": "PUT: the record is fetched, changed and written back whole"},
    )
    written = dotted(
        load_default="", metadata={"description": "the path of the record in the answer to a create or an update"}
    )
    delivered = dotted(
        load_default=None,
        allow_none=True,
        metadata={"description": "where a delivery to our door carries records; null: it only says that some changed"},
    )
    rules = fields.List(
        fields.Nested(FieldRule), data_key="fields", load_default=list, validate=validate.Length(max=500)
    )
    pagination = fields.Nested(Pagination)
    incremental = fields.Nested(Incremental, allow_none=True)
    tombstones = fields.Nested(Tombstones, allow_none=True)
    reference = fields.Nested(Reference, allow_none=True)
    fetch = fields.Nested(Fetch, allow_none=True)
    batch = fields.Nested(Batch, allow_none=True)


class Streams(Schema):
    """The lists there are at the partner."""

    customers = fields.Nested(Stream)
    interactions = fields.Nested(Stream)


class ApiDescription(SiteSettings):
    """One partner's API."""

    streams = fields.Nested(
        Streams,
        load_default=lambda: Streams().load(_OUR_LISTS),
        metadata={"default": _OUR_LISTS},
    )
    pagination = _nested(Pagination)
    incremental = _nested(Incremental, allow_none=True)
    tombstones = _nested(Tombstones, allow_none=True)
    reference = _nested(Reference, allow_none=True)
    fetch = _nested(Fetch, allow_none=True)
    batch = fields.Nested(Batch, load_default=None, allow_none=True)
    inbound = fields.Nested(Inbound)

    @validates_schema(skip_on_field_errors=True)
    def has_possible_streams(self, data: Mapping[str, Any], **_: Any) -> None:
        """Every mapping names an id, a time where the order of times is relied on, and only fields that exist."""
        if not data["streams"]:
            raise ValidationError({"streams": ["At least one stream."]})
        wrong = {name: problems for name in data["streams"] if (problems := _problems(name, of_stream(data, name)))}
        if wrong:
            raise ValidationError({"streams": wrong})


def of_stream(settings: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The description of one stream, with what is described for all streams where it says nothing itself."""
    shared = {each: settings[each] for each in _SHARED}
    return {**shared, **settings["streams"][name]}


def _problems(name: str, stream: Mapping[str, Any]) -> dict[str, Any]:
    if stream["update"] == "PUT" and stream["fetch"] is None:
        return {"update": ["A record that is written whole has to be fetched first: describe `fetch`."]}
    problem = _problem_of_fields(name, stream)
    return {"fields": problem} if problem else {}


def _problem_of_fields(name: str, stream: Mapping[str, Any]) -> Any:
    wrong = check_mapping(name, stream["rules"])
    if wrong or not stream["rules"]:
        return wrong
    mapped = {rule["ours"] for rule in stream["rules"]}
    incremental = stream["incremental"]
    if "external_id" not in mapped:
        return ["One field has to be our `external_id`."]
    if incremental and incremental["ordered"] and "updated_at" not in mapped:
        return ["`incremental.ordered` relies on times: one field has to be our `updated_at`."]
    return None
