"""How contacts may end, on the wire: the house's own list."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import CODE, Flag, Schema, Shown, Text

EFFECTS = ("none", "wrong_number", "do_not_contact", "callback")
_EFFECT = {
    "description": "what follows by itself: the contact point that was used ends, the customer is contacted "
    "through this channel no more, or a callback has to be planned with it"
}


class DispositionPatch(Schema):
    """What may be changed of a disposition."""

    english = Text(100, required=True, metadata={"example": "No answer"})
    turkish = Text(100, required=True, metadata={"example": "Cevap yok"})
    reached = Flag(
        attribute="is_reached",
        load_default=False,
        metadata={"description": "whether the customer was spoken to"},
    )
    effect = fields.String(load_default="none", validate=validate.OneOf(EFFECTS), metadata=_EFFECT)
    archived = Flag(attribute="is_archived", load_default=False)


class DispositionInput(DispositionPatch):
    """A new disposition."""

    code = fields.String(required=True, validate=CODE, metadata={"example": "test_drive_booked"})


class Disposition(Shown):
    """One way in which a contact may end."""

    code = fields.String(required=True)
    english = fields.String(required=True)
    turkish = fields.String(required=True)
    reached = fields.Boolean(required=True, attribute="is_reached")
    effect = fields.String(required=True, validate=validate.OneOf(EFFECTS), metadata=_EFFECT)
    archived = fields.Boolean(required=True, attribute="is_archived")
    version = fields.Integer(required=True, metadata={"description": "0 as long as it is as Köprü brings it"})
