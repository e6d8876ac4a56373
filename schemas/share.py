"""Shares on the wire: which partner sees a customer, in which role, since when, on what ground."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Moment, Schema, Shown, Text
from schemas.partner import purposes, role

GROUNDS = ("agreement", "sale", "service", "consent")
_GIVEN = (*GROUNDS, "sync", "created")


class SharePatch(Schema):
    """What may be changed of a share; null is what the agreement says."""

    ground = fields.String(validate=validate.OneOf(_GIVEN))
    role = role(allow_none=True, metadata={"description": "null: as the agreement says"})
    reference = Text(200, allow_none=True, metadata={"description": "what proves the ground: a contract, an order"})
    purposes = purposes(allow_none=True, metadata={"description": "what it is for; null: as the agreement says"})
    until = Moment(allow_none=True, metadata={"description": "it ends by itself then"})


class ShareInput(SharePatch):
    """With whom to share a customer, and on what ground."""

    partner = Text(63, required=True, metadata={"description": "code of the partner"})
    ground = fields.String(load_default="agreement", validate=validate.OneOf(_GIVEN))


class Terms(Shown):
    """On what terms a partner may see a customer."""

    partner = fields.String(required=True)
    role = fields.String(required=True)
    ground = fields.String(required=True)
    reference = fields.String(required=True, allow_none=True)
    purposes = fields.List(fields.String(), required=True, metadata={"description": "none: everything"})
    shared_at = fields.AwareDateTime(required=True)
    until = fields.AwareDateTime(required=True, allow_none=True)


class Share(Terms):
    """A partner that may see a customer."""

    version = fields.Integer(required=True)


class ListedShare(Share):
    """One of a customer's."""


class PastShare(Terms):
    """A share as it was until it ended or was changed."""

    ended_at = fields.AwareDateTime(required=True)
    why = fields.String(required=True, validate=validate.OneOf(("ended", "changed", "expired")))


class Shares(Shown):
    """All of a customer's."""

    items = fields.List(fields.Nested(ListedShare), required=True)
    next = fields.String(required=True, allow_none=True)


class PastShares(Shares):
    """The same of the past."""

    items = fields.List(fields.Nested(PastShare), required=True)
