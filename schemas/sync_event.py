"""What happens to links and runs, as webhooks tell it; for the inside alone."""

from __future__ import annotations

from marshmallow import fields

from schemas.base import Shown


class RunEvent(Shown):
    """A run that has failed."""

    id = fields.UUID(required=True)
    link_id = fields.UUID(required=True)
    mode = fields.String(required=True)
    status = fields.String(required=True)
    error = fields.String(required=True, allow_none=True)
    streams = fields.Dict(required=True)
    started_at = fields.AwareDateTime(required=True, allow_none=True)
    finished_at = fields.AwareDateTime(required=True)


class LinkEvent(Shown):
    """A link that was paused or resumed, or whose partner failed too often, or answers again."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    connector = fields.String(required=True)
    status = fields.String(required=True)
    paused_reason = fields.String(required=True, allow_none=True)
    circuit = fields.String(required=True)
    circuit_until = fields.AwareDateTime(required=True, allow_none=True)
