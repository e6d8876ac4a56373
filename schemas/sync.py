"""Sync on the wire: links to partners' systems, and their runs."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from schemas.base import Schema, Text
from schemas.page import PageQuery

STREAMS = validate.OneOf(("customers", "interactions"))
INTERVAL = validate.Range(5, 7 * 24 * 3600)  # seconds
_POLICIES = ("unshare", "deactivate")


def _policy(**more: Any) -> fields.String:
    told = (
        "what becomes of a customer that the partner deleted: `unshare` ends its share, `deactivate` sets it inactive"
    )
    return fields.String(validate=validate.OneOf(_POLICIES), metadata={"description": told}, **more)


def _vanished(**more: Any) -> fields.Float:
    told = "a full listing that would end more than this share of the records stops the run and asks"
    return fields.Float(validate=validate.Range(0, 1), metadata={"description": told}, **more)


def _rejected(**more: Any) -> fields.Float:
    told = "a run stops when more than this share of what it read, of 100 records or more, was newly rejected"
    return fields.Float(validate=validate.Range(0, 1), metadata={"description": told}, **more)


def _budget(**more: Any) -> fields.Integer:
    told = "requests to the partner in any minute, whichever workers send them; null: no limit but the partner's own"
    return fields.Integer(
        strict=True, allow_none=True, validate=validate.Range(1, 100_000), metadata={"description": told}, **more
    )


def _at_once(**more: Any) -> fields.Integer:
    told = "requests to the partner under way at the same time"
    return fields.Integer(strict=True, validate=validate.Range(1, 100), metadata={"description": told}, **more)


class LinkInput(Schema):
    """A new link."""

    name = Text(100, required=True, metadata={"example": "Eskişehir Oto DMS"})
    partner = Text(63, required=True, metadata={"description": "code of the partner"})
    connector = Text(64, required=True, metadata={"example": "rest"})
    settings = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "what the connector asks for; secrets are stored encrypted and never shown"},
    )
    interval_seconds = fields.Integer(
        strict=True,
        allow_none=True,
        load_default=None,
        validate=INTERVAL,
        metadata={"description": "seconds between scheduled runs; null: only on demand"},
    )
    deletion_policy = _policy(load_default="unshare")
    most_vanished_share = _vanished(load_default=0.2)
    most_rejected_share = _rejected(load_default=0.5)
    requests_per_minute = _budget(load_default=None)
    most_concurrent = _at_once(load_default=4)


class LinkPatch(Schema):
    """What may be changed of a link."""

    name = Text(100)
    status = fields.String(validate=validate.OneOf(("active", "paused")))
    paused_reason = Text(500, metadata={"description": "why; taken with `status: paused`"})
    interval_seconds = fields.Integer(strict=True, allow_none=True, validate=INTERVAL)
    deletion_policy = _policy()
    most_vanished_share = _vanished()
    most_rejected_share = _rejected()
    requests_per_minute = _budget()
    most_concurrent = _at_once()
    settings = fields.Dict(
        keys=fields.String(), metadata={"description": "replaces all settings; a secret left out is kept"}
    )


class Health(Schema):
    """How a link stands; `last_error` is of a run that failed since the last success."""

    last_success_at = fields.AwareDateTime(required=True, allow_none=True)
    last_error = fields.String(required=True, allow_none=True)
    open_operations = fields.Integer(required=True, metadata={"description": "writes the partner still has to get"})
    failed_operations = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    conflicts = fields.Integer(required=True, metadata={"description": "that wait for a steward"})
    waits_since = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "since when the oldest of all these waits"}
    )


class Link(Schema):
    """A link to a partner's system."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    partner = fields.String(required=True)
    connector = fields.String(required=True)
    settings = fields.Dict(required=True, metadata={"description": "without secrets"})
    status = fields.String(required=True, validate=validate.OneOf(("active", "paused")))
    paused_reason = fields.String(required=True, allow_none=True)
    deletion_policy = _policy(required=True)
    most_vanished_share = _vanished(required=True)
    most_rejected_share = _rejected(required=True)
    requests_per_minute = _budget(required=True)
    most_concurrent = _at_once(required=True)
    circuit = fields.String(
        required=True,
        validate=validate.OneOf(("closed", "open", "probing")),
        metadata={"description": "open: the partner failed too often, no call is made; probing: the next one decides"},
    )
    circuit_until = fields.AwareDateTime(required=True, allow_none=True)
    quiet_until = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "the partner asked for no request until then"}
    )
    interval_seconds = fields.Integer(required=True, allow_none=True)
    next_run_at = fields.AwareDateTime(required=True, allow_none=True)
    health = fields.Nested(Health, metadata={"description": "of a link shown alone"})
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)


class StreamCounts(Schema):
    """What a run did to one stream; `total` where the partner tells it."""

    read = fields.Integer(required=True)
    created = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    conflicts = fields.Integer(required=True)
    deleted = fields.Integer(required=True)
    pushed = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    total = fields.Integer()


class Streams(Schema):
    """The counts of both streams."""

    customers = fields.Nested(StreamCounts, required=True)
    interactions = fields.Nested(StreamCounts, required=True)


class Cursors(Schema):
    """Opaque words of the connector, cut to 200 letters."""

    before = fields.String(required=True, allow_none=True)
    after = fields.String(required=True, allow_none=True)


class Run(Schema):
    """One round of work on a link."""

    id = fields.UUID(required=True)
    link_id = fields.UUID(required=True)
    status = fields.String(
        required=True, validate=validate.OneOf(("queued", "running", "succeeded", "failed", "cancelled"))
    )
    mode = fields.String(required=True, metadata={"description": "what the run does; `normal` unless asked otherwise"})
    streams = fields.Nested(Streams, required=True)
    cursors = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(Cursors),
        required=True,
        metadata={"description": "by stream: how far the link had read before and after the run"},
    )
    rate = fields.Float(required=True, allow_none=True, metadata={"description": "records a second, waits included"})
    seconds_left = fields.Integer(
        required=True, allow_none=True, metadata={"description": "estimated, where the partner tells totals"}
    )
    tries = fields.Integer(required=True, metadata={"description": "failures since the last page that was taken over"})
    attempt = fields.Integer(required=True, metadata={"description": "how often a worker has taken it up"})
    error = fields.String(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    started_at = fields.AwareDateTime(required=True, allow_none=True)
    finished_at = fields.AwareDateTime(required=True, allow_none=True)


class ConnectorDescription(Schema):
    """A kind of partner system this installation can talk to."""

    name = fields.String(required=True)
    title = fields.String(required=True)
    streams = fields.List(fields.String(), required=True)
    can = fields.List(fields.String(), required=True)
    is_available = fields.Boolean(required=True)
    error = fields.String(required=True, allow_none=True)
    settings_schema = fields.Dict(
        required=True, allow_none=True, metadata={"description": "JSON Schema of the settings; secrets are writeOnly"}
    )


class Connectors(Schema):
    """Every connector found."""

    items = fields.List(fields.Nested(ConnectorDescription), required=True)
    next = fields.String(required=True, allow_none=True)


class OfLinkQuery(PageQuery):
    """Lists that can be cut to one link."""

    link_id = fields.UUID()
