"""Deciding on a rectification, on the wire."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Schema, Text


class RectificationDecision(Schema):
    """Each proposed field, accepted or refused with a reason that the customer reads."""

    accept = fields.List(Text(64), load_default=list, validate=validate.Length(max=20))
    refuse = fields.Dict(
        keys=Text(64),
        values=Text(500),
        load_default=dict,
        validate=validate.Length(max=20),
        metadata={"example": {"birth_date": "Kimlik belgesiyle uyuşmuyor"}},
    )
