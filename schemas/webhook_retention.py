"""How long webhook messages are kept, on the wire."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Schema, Shown

MOST_DAYS = 3650


class RetentionPatch(Schema):
    """What may be agreed with a partner; null returns to what the installation does."""

    payload_days = fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(1, MOST_DAYS),
        metadata={"description": "days that bodies and answers are kept"},
    )
    log_days = fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(1, MOST_DAYS),
        metadata={"description": "days that the list of messages and attempts goes back"},
    )


class Retention(Shown):
    """What is agreed with a partner, null where nothing is, and what the installation does."""

    partner = fields.String(required=True)
    payload_days = fields.Integer(required=True, allow_none=True)
    log_days = fields.Integer(required=True, allow_none=True)
    default_payload_days = fields.Integer(required=True)
    default_log_days = fields.Integer(required=True)
    version = fields.Integer(required=True, metadata={"description": "0 where nothing is agreed"})
