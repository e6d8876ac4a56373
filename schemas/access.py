"""Who was shown personal data, on the wire."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Shown


class Access(Shown):
    """That somebody was shown a customer in an hour, and how often."""

    by = fields.String(required=True, validate=validate.OneOf(("house", "partner")))
    organisation = fields.String(required=True, allow_none=True, metadata={"description": "the partner's name"})
    role = fields.String(required=True, metadata={"description": "what they do; `system` for a program"})
    what = fields.String(
        required=True, metadata={"description": "the part of the API that showed it", "example": "customers"}
    )
    purpose = fields.String(required=True, metadata={"description": "what was said, or the role is there for"})
    first_at = fields.AwareDateTime(required=True)
    last_at = fields.AwareDateTime(required=True)
    times = fields.Integer(required=True)


class InternalAccess(Access):
    """The same, with the person or program."""

    actor = fields.String(required=True, metadata={"description": "user:… or client:…"})


class Disclosure(Shown):
    """That something of a customer went to a partner: first, last and how often."""

    partner = fields.String(required=True, metadata={"description": "the partner's code"})
    organisation = fields.String(required=True, metadata={"description": "its name"})
    way = fields.String(required=True, validate=validate.OneOf(("share", "read", "export", "webhook", "sync")))
    what = fields.String(
        required=True,
        metadata={"description": "the ground of a share, the part of the API, the type of event, the stream of a sync"},
    )
    first_at = fields.AwareDateTime(required=True)
    last_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "null for a share that has not ended"}
    )
    times = fields.Integer(required=True)
