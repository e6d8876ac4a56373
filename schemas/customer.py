"""Customers on the wire: what goes out, and what may come in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, pre_load, validate

from schemas.base import Day, Flag, Moment, Schema, Shown, Text
from schemas.page import SortedQuery
from schemas.record import CONTACT_KINDS, KINDS, STATUSES, check_attributes

_PART = "attributes."
LOCALE = validate.Regexp(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}\Z", error="A language tag such as tr-TR.")
_COUNTRY = validate.Regexp(r"^[A-Z]{2}\Z", error="Two capital letters of ISO 3166, such as TR.")


class Address(Schema):
    """A postal address."""

    line1 = Text(200, 0, allow_none=True)
    line2 = Text(200, 0, allow_none=True)
    district = Text(100, 0, allow_none=True)
    city = Text(100, 0, allow_none=True)
    region = Text(100, 0, allow_none=True)
    postal_code = Text(20, 0, allow_none=True)
    country = fields.String(allow_none=True, validate=_COUNTRY, metadata={"example": "TR"})


class ContactPoint(Schema):
    """One way to reach a customer; e-mail in lower case, phone in E.164, an address in parts."""

    id = fields.UUID(metadata={"description": "given by Köprü; send it back to keep a contact point's identity"})
    kind = fields.String(required=True, validate=validate.OneOf(CONTACT_KINDS))
    value = Text(320, allow_none=True, metadata={"example": "+902222301234"})
    address = fields.Nested(Address, allow_none=True)
    primary = Flag(load_default=False)
    verified_at = Moment(allow_none=True)
    valid_from = Moment(allow_none=True)
    valid_until = Moment(allow_none=True)


class Identifier(Schema):
    """What another system calls this customer."""

    system = Text(64, required=True, metadata={"example": "erp"})
    value = Text(200, required=True, metadata={"example": "C-1042"})


def _attributes() -> fields.Dict:
    return fields.Dict(
        keys=Text(64),
        values=fields.Raw(allow_none=True),
        allow_none=True,
        validate=check_attributes,
        metadata={"example": {"body_type": "sedan"}},
    )


class CustomerInput(Schema):
    """What may be written of a customer; each channel narrows it to its own fields."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    given_name = Text(100, allow_none=True, metadata={"example": "Cem"})
    family_name = Text(100, allow_none=True, metadata={"example": "Işık"})
    organisation_name = Text(200, allow_none=True)
    birth_date = Day(allow_none=True)
    tax_id = Text(32, allow_none=True, metadata={"description": "TCKN and VKN are checked"})
    status = fields.String(validate=validate.OneOf(STATUSES))
    locale = fields.String(allow_none=True, validate=LOCALE, metadata={"example": "tr-TR"})
    contact_points = fields.List(fields.Nested(ContactPoint), allow_none=True, validate=validate.Length(max=100))
    identifiers = fields.List(fields.Nested(Identifier), allow_none=True, validate=validate.Length(max=100))
    attributes = _attributes()
    owner = Text(100, allow_none=True)
    internal_note = Text(10_000, 0, allow_none=True)


class Customer(Shown):
    """A customer as it is shown; which fields there are depends on the channel and the partner's agreement."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    display_name = fields.String(required=True)
    given_name = fields.String(required=True, allow_none=True)
    family_name = fields.String(required=True, allow_none=True)
    organisation_name = fields.String(required=True, allow_none=True)
    birth_date = fields.Date(required=True, allow_none=True)
    tax_id = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    locale = fields.String(required=True, allow_none=True)
    contact_points = fields.List(fields.Nested(ContactPoint), required=True)
    identifiers = fields.List(fields.Nested(Identifier), required=True)
    attributes = fields.Dict(required=True)
    owner = fields.String(required=True, allow_none=True)
    internal_note = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)


class CustomerQuery(SortedQuery):
    """Filters of the customers list."""

    q = Text(200, metadata={"description": "words of the name, an e-mail or a phone; Turkish or plain ASCII spelling"})
    city = Text(100, metadata={"description": "city of the primary address, in either spelling"})
    status = fields.String(validate=validate.OneOf(STATUSES))
    identifier = Text(300, metadata={"description": "system:value"})
    updated_since = Moment(metadata={"description": "changed at or after this moment"})
    attributes = fields.Dict(keys=fields.String(), values=Text(200), validate=validate.Length(max=5))

    @pre_load
    def attributes_by_name(self, data: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        """`attributes.<name>=value` for each attribute that is searchable."""
        asked = {name.removeprefix(_PART): value for name, value in data.items() if name.startswith(_PART)}
        rest = {name: value for name, value in data.items() if not name.startswith(_PART)}
        if "attributes" in rest:
            raise ValidationError("Unknown field.", "attributes")
        return rest | {"attributes": asked} if asked else rest


class InternalCustomerQuery(CustomerQuery):
    """Filters of the customers list inside."""

    partner = Text(63, metadata={"description": "code of a partner the customer is shared with"})
