"""How contacts may end, on the wire: the house's own list."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from schemas.base import Schema, Shown, Text
from schemas.page import PageQuery

EFFECTS = ("none", "wrong_number", "do_not_contact", "callback")
_CODE = validate.Regexp(r"^[a-z][a-z0-9_]{0,62}\Z", error="A letter first, then a-z, 0-9 and _, 63 at most.")
_FLAG: dict[str, Any] = {"truthy": {True}, "falsy": {False}}
_EFFECT = {
    "description": "what follows by itself: the contact point that was used ends, the customer is contacted "
    "through this channel no more, or a callback has to be planned with it"
}


class DispositionPatch(Schema):
    """What may be changed of a disposition."""

    english = Text(100, required=True, metadata={"example": "No answer"})
    turkish = Text(100, required=True, metadata={"example": "Cevap yok"})
    reached = fields.Boolean(
        **_FLAG, load_default=False, metadata={"description": "whether the customer was spoken to"}
    )
    effect = fields.String(load_default="none", validate=validate.OneOf(EFFECTS), metadata=_EFFECT)
    archived = fields.Boolean(**_FLAG, load_default=False)


class DispositionInput(DispositionPatch):
    """A new disposition."""

    code = fields.String(required=True, validate=_CODE, metadata={"example": "test_drive_booked"})


class Disposition(Shown):
    """One way in which a contact may end."""

    code = fields.String(required=True)
    english = fields.String(required=True)
    turkish = fields.String(required=True)
    reached = fields.Boolean(required=True)
    effect = fields.String(required=True, validate=validate.OneOf(EFFECTS), metadata=_EFFECT)
    archived = fields.Boolean(required=True)
    version = fields.Integer(required=True, metadata={"description": "0 as long as it is as Köprü brings it"})


class DispositionQuery(PageQuery):
    """Nothing to filter by: there are few."""
