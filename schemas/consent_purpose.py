"""What customers may be contacted for, on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from schemas.base import Schema, Shown, Text
from schemas.page import PageQuery

BASES = ("consent", "legitimate_interest", "legal")
_CODE = validate.Regexp(r"^[a-z][a-z0-9_]{0,62}\Z", error="A letter first, then a-z, 0-9 and _, 63 at most.")
_FLAG: dict[str, Any] = {"truthy": {True}, "falsy": {False}}


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
    allowed_by_default = fields.Boolean(
        **_FLAG, metadata={"description": "where the customer said nothing; a choice for legitimate interest alone"}
    )
    archived = fields.Boolean(**_FLAG)

    @validates_schema(skip_on_field_errors=True)
    def default_fits(self, data: Mapping[str, Any], **_: Any) -> None:
        """Nobody is taken to have agreed, and a legal duty asks nobody."""
        allowed, basis = data.get("allowed_by_default"), data.get("basis")
        if basis in ("consent", "legal") and allowed is not None and allowed != (basis == "legal"):
            raise ValidationError("The basis decides this itself.", "allowed_by_default")


class PurposeInput(PurposePatch):
    """A new purpose."""

    code = fields.String(required=True, validate=_CODE, metadata={"example": "test_drive_survey"})


class ConsentPurpose(Shown):
    """What customers may be contacted for."""

    code = fields.String(required=True)
    english = fields.String(required=True)
    turkish = fields.String(required=True)
    basis = fields.String(required=True, validate=validate.OneOf(BASES))
    allowed_by_default = fields.Boolean(required=True)
    archived = fields.Boolean(required=True)
    version = fields.Integer(required=True, metadata={"description": "0 as long as it is as Köprü brings it"})


class PurposeQuery(PageQuery):
    """Nothing to filter by: there are few."""
