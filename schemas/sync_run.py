"""What a run is asked for with, on the wire."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Moment, Schema, Text
from schemas.sync import STREAMS


class RunInput(Schema):
    """How a run is to go; without anything, as the schedule's runs do."""

    mode = fields.String(
        validate=validate.OneOf(("normal", "full", "backfill")),
        metadata={"description": "`full` lists everything and finds deletions; `backfill` reads a range of time again"},
    )
    stream = fields.String(validate=STREAMS, metadata={"description": "of a backfill; all streams unless given"})
    since = Moment(metadata={"description": "where a backfill begins"})
    until = Moment(metadata={"description": "where a backfill ends; now unless given"})


class ResetInput(Schema):
    """Which cursor to forget."""

    stream = fields.String(validate=STREAMS, metadata={"description": "all streams unless given"})


class ResyncInput(Schema):
    """One record, by the partner's id or ours."""

    stream = fields.String(required=True, validate=STREAMS)
    external_id = Text(200)
    record_id = fields.UUID()


class Part(Schema):
    """One span of a backfill."""

    stream = fields.String(required=True)
    since = fields.AwareDateTime(required=True)
    until = fields.AwareDateTime(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("open", "done")))


class Parts(Schema):
    """Every part of a run; none unless it is a backfill."""

    items = fields.List(fields.Nested(Part), required=True)
    next = fields.String(required=True, allow_none=True)
