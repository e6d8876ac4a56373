"""Partners on the wire."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Schema, Shown, Text
from schemas.page import PageQuery

STATUSES = ("active", "suspended")
GRANTABLE_FIELDS = ("birth_date", "tax_id")


class Partner(Shown):
    """A business partner or own dealer, and what its agreement grants."""

    id = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    granted_fields = fields.List(fields.String(), required=True)
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)


class PartnerPatch(Schema):
    """What may be changed of a partner."""

    name = Text(200, required=True)
    status = fields.String(validate=validate.OneOf(STATUSES))
    granted_fields = fields.List(
        fields.String(validate=validate.OneOf(GRANTABLE_FIELDS)),
        validate=validate.Length(max=len(GRANTABLE_FIELDS)),
        metadata={"description": "customer fields the agreement adds to what every partner sees"},
    )


class PartnerInput(PartnerPatch):
    """A new partner."""

    code = fields.String(
        required=True,
        validate=validate.Regexp(
            r"^[a-z0-9][a-z0-9-]{0,62}\Z", error="Lower-case letters, digits and hyphens, 63 at most."
        ),
        metadata={"example": "eskisehir"},
    )


class PartnerQuery(PageQuery):
    """Filters of the partners list."""

    status = fields.String(validate=validate.OneOf(STATUSES))
