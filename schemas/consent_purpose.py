"""What customers may be contacted for, on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from schemas.base import CODE, Flag, Schema, Shown, Text

BASES = ("consent", "legitimate_interest", "legal")


class PurposePatch(Schema):
    """What may be changed of a purpose."""

    english = Text(200, required=True, metadata={"example": "Offers and campaigns"})
    turkish = Text(200, required=True, metadata={"example": "Teklif ve kampanyalar"})
    basis = fields.String(
        required=True,
        validate=validate.OneOf(BASES),
        metadata={
            "description": "`consent`: only who said yes; `legitimate_interest`: until they object; `legal`: a duty"
        },
    )
    allowed_by_default = Flag(
        attribute="is_allowed_by_default",
        metadata={"description": "where the customer said nothing; a choice for legitimate interest alone"},
    )
    archived = Flag(attribute="is_archived")

    @validates_schema(skip_on_field_errors=True)
    def default_fits(self, data: Mapping[str, Any], **_: Any) -> None:
        """Nobody is taken to have agreed, and a legal duty asks nobody."""
        allowed, basis = data.get("is_allowed_by_default"), data.get("basis")
        if basis in ("consent", "legal") and allowed is not None and allowed != (basis == "legal"):
            raise ValidationError("The basis decides this itself.", "allowed_by_default")


class PurposeInput(PurposePatch):
    """A new purpose."""

    code = fields.String(required=True, validate=CODE, metadata={"example": "test_drive_survey"})


class ConsentPurpose(Shown):
    """What customers may be contacted for."""

    code = fields.String(required=True)
    english = fields.String(required=True)
    turkish = fields.String(required=True)
    basis = fields.String(required=True, validate=validate.OneOf(BASES))
    allowed_by_default = fields.Boolean(required=True, attribute="is_allowed_by_default")
    archived = fields.Boolean(required=True, attribute="is_archived")
    version = fields.Integer(required=True, metadata={"description": "0 as long as it is as Köprü brings it"})
