"""Partners on the wire."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError, fields, validate

from schemas.base import Moment, Schema, Shown, Text
from schemas.page import PageQuery

STATUSES = ("active", "suspended")
GRANTABLE_FIELDS = ("birth_date", "tax_id")
_GRANT = re.compile(rf"{'|'.join(GRANTABLE_FIELDS)}|attributes\.[A-Za-z][A-Za-z0-9_]{{0,63}}")
_MOST_GRANTS = 200
PARTNER_KINDS = ("own", "independent")
ROLES = ("owner", "seller", "servicer", "viewer")
PREVIEWABLE = ("city", "interest", "kind", "locale")
_CODE = validate.Regexp(r"^[a-z0-9_-]{1,60}\Z", error="A code of a-z, 0-9, _ and -, 60 at most.")


def is_grantable(name: str) -> bool:
    """Whether an agreement can grant this: a field, or an attribute of customers that is seen by agreement."""
    return _GRANT.fullmatch(name) is not None


def _check_grant(name: str) -> None:
    if not is_grantable(name):
        raise ValidationError(f"One of {', '.join(GRANTABLE_FIELDS)}, or attributes.<name>.")


def purposes(**kwargs: Any) -> fields.List[str]:
    """A list of codes of purposes."""
    return fields.List(fields.String(validate=_CODE), validate=validate.Length(max=50), **kwargs)


def role(**kwargs: Any) -> fields.String:
    """What a partner is to a customer."""
    return fields.String(validate=validate.OneOf(ROLES), **kwargs)


def _days(description: str) -> fields.Integer:
    return fields.Integer(
        strict=True, validate=validate.Range(1, 3650), allow_none=True, metadata={"description": description}
    )


class Terms(Shown):
    """What an agreement comes to, with what is usual for its kind."""

    share_role = fields.String(required=True)
    protection_days = fields.Integer(required=True)
    answer_days = fields.Integer(required=True)
    preview_fields = fields.List(fields.String(), required=True)


class Partner(Shown):
    """A business partner or own branch, and its agreement."""

    id = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    granted_fields = fields.List(fields.String(), required=True)
    kind = fields.String(required=True, validate=validate.OneOf(PARTNER_KINDS))
    purposes = fields.List(fields.String(), required=True)
    valid_from = fields.AwareDateTime(required=True, allow_none=True)
    valid_until = fields.AwareDateTime(required=True, allow_none=True)
    share_role = fields.String(required=True, allow_none=True)
    protection_days = fields.Integer(required=True, allow_none=True)
    answer_days = fields.Integer(required=True, allow_none=True)
    preview_fields = fields.List(fields.String(), required=True, allow_none=True)
    terms = fields.Nested(Terms, required=True)
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)


class PartnerPatch(Schema):
    """What may be changed of a partner."""

    name = Text(200, required=True)
    status = fields.String(validate=validate.OneOf(STATUSES))
    granted_fields = fields.List(
        fields.String(validate=_check_grant),
        validate=validate.Length(max=_MOST_GRANTS),
        metadata={"description": "customer fields the agreement adds to what every partner sees"},
    )
    kind = fields.String(
        validate=validate.OneOf(PARTNER_KINDS),
        metadata={"description": "an `own` branch or an `independent` partner: what is usual differs"},
    )
    purposes = purposes(metadata={"description": "what its shares are for; none: everything"})
    valid_from = Moment(allow_none=True, metadata={"description": "before it nothing new is shared or claimed"})
    valid_until = Moment(
        allow_none=True,
        metadata={"description": "at it fields granted and shares on the ground `agreement` end"},
    )
    share_role = role(allow_none=True, metadata={"description": "of shares that name none; null: as usual"})
    protection_days = _days("how long an approved claim protects; null: as usual")
    answer_days = _days("when a claim or referral is answered by; null: as usual")
    preview_fields = fields.List(
        fields.String(validate=validate.OneOf(PREVIEWABLE)),
        allow_none=True,
        validate=validate.Length(max=len(PREVIEWABLE)),
        metadata={"description": "shown of a customer that is offered; null: as usual"},
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
