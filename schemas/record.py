"""What a partner's system says about its customers and interactions: the shape every connector reads and writes.

A key that is absent says nothing; `null` says that the partner has it empty. Unknown keys are ignored, for partners
send more than was agreed.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from schemas.base import CURRENCY, Amount, Day, Moment, Shown, storable

KINDS = ("person", "organisation")
STATUSES = ("prospect", "active", "inactive")
CONTACT_KINDS = ("email", "phone", "address")
CHANNELS = ("phone", "email", "web", "store", "chat", "message", "visit")
INTERACTION_KINDS = ("inquiry", "complaint", "service", "offer", "purchase", "other")
DIRECTIONS = ("in", "out")
VISIBILITIES = ("internal", "partner", "shared")

_MAX_DEPTH = 8
_EMPTY: dict[str, type] = {"contact_points": list, "identifiers": list, "products": list, "attributes": dict}
_SMALLEST, _LARGEST = -(2**63), 2**64 - 1
MOST_ATTRIBUTES, MOST_ATTRIBUTE_BYTES = 100, 65_536


def check_text(value: str) -> None:
    """Refuse what PostgreSQL and JSON cannot store: NUL and lone surrogates."""
    if not storable(value):
        raise ValidationError("Must not contain NUL or half of a surrogate pair.")


def check_json(value: Any, depth: int = 0) -> None:
    """Refuse what is not plain JSON: nesting beyond 8, NaN, other types, unstorable text."""
    if depth > _MAX_DEPTH:
        raise ValidationError(f"Must not nest deeper than {_MAX_DEPTH}.")
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            check_json(str(key), depth)
            check_json(inner, depth + 1)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            check_json(inner, depth + 1)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValidationError("Must be a finite number.")
    elif isinstance(value, int) and not _SMALLEST <= value <= _LARGEST:
        raise ValidationError("Must fit 64 bits; write a longer number as text.")
    elif value is not None and not isinstance(value, (bool, int, float)):
        raise ValidationError("Must be plain JSON.")


def check_attributes(value: Mapping[str, Any]) -> None:
    """Refuse attributes that are not plain JSON, too many, or in all too large: every list would carry them."""
    check_json(value)
    if len(value) > MOST_ATTRIBUTES:
        raise ValidationError(f"At most {MOST_ATTRIBUTES} attributes.")
    if len(json.dumps(value, ensure_ascii=False).encode()) > MOST_ATTRIBUTE_BYTES:
        raise ValidationError(f"At most {MOST_ATTRIBUTE_BYTES} bytes of JSON.")


def _text(longest: int, *, required: bool = False, blank: bool = True) -> fields.String:
    length = validate.Length(max=longest) if blank else validate.Length(min=1, max=longest)
    return fields.String(required=required, allow_none=not required, validate=[length, check_text])


def _choice(choices: tuple[str, ...], *, required: bool = False) -> fields.String:
    return fields.String(required=required, allow_none=not required, validate=validate.OneOf(choices))


def _moment() -> Moment:
    # Many systems write their own UTC times without saying so.
    return Moment(allow_none=True, default_timezone=dt.UTC)


class Record(Shown):
    """What every record of a partner has; `updated_at` and `version` where the partner keeps them."""

    external_id = _text(200, required=True, blank=False)
    updated_at = _moment()
    version = _text(4000)
    reference = _text(200)
    attributes = fields.Dict(
        keys=_text(64, required=True, blank=False),
        values=fields.Raw(allow_none=True),
        allow_none=True,
        validate=check_attributes,
    )

    @post_load
    def empty_instead_of_null(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Many systems write an empty list or object as null."""
        for name, value in data.items():
            if value is None and name in _EMPTY:
                data[name] = _EMPTY[name]()
        return data


class Nested(Shown):
    """A part of a record."""


class AddressRecord(Nested):
    """A postal address, as the partner writes it; `country` is ISO 3166 alpha-2."""

    line1 = _text(200)
    line2 = _text(200)
    district = _text(100)
    city = _text(100)
    region = _text(100)
    postal_code = _text(20)
    country = fields.String(allow_none=True, validate=validate.Regexp(r"^[A-Z]{2}\Z"))


class ContactPointRecord(Nested):
    """One way to reach a customer: an e-mail address, a phone number or a postal address."""

    kind = _choice(CONTACT_KINDS, required=True)
    value = _text(320)
    address = fields.Nested(AddressRecord, allow_none=True)
    primary = fields.Boolean()
    verified_at = _moment()
    valid_from = _moment()
    valid_until = _moment()

    @validates_schema(skip_on_field_errors=True)
    def has_content(self, data: Mapping[str, Any], **_: Any) -> None:
        """An address has its parts, everything else a value."""
        needed = "address" if data["kind"] == "address" else "value"
        if not data.get(needed):
            raise ValidationError("Missing data for required field.", needed)


class IdentifierRecord(Nested):
    """What another system calls this customer."""

    system = _text(64, required=True, blank=False)
    value = _text(200, required=True, blank=False)


class CustomerRecord(Record):
    """A customer as a partner knows it."""

    kind = _choice(KINDS, required=True)
    given_name = _text(100)
    family_name = _text(100)
    organisation_name = _text(200)
    birth_date = Day(allow_none=True)
    tax_id = _text(32)
    status = _choice(STATUSES)
    locale = _text(35)
    contact_points = fields.List(fields.Nested(ContactPointRecord), allow_none=True, validate=validate.Length(max=100))
    identifiers = fields.List(fields.Nested(IdentifierRecord), allow_none=True, validate=validate.Length(max=100))

    @validates_schema(skip_on_field_errors=True)
    def has_name(self, data: Mapping[str, Any], **_: Any) -> None:
        """A person has a given or a family name, an organisation its own."""
        names = ("given_name", "family_name") if data["kind"] == "person" else ("organisation_name",)
        for name in names:
            if (data.get(name) or "").strip():
                return
        raise ValidationError("Missing data for required field.", names[0])


class MoneyRecord(Nested):
    """An amount with its ISO 4217 currency."""

    value = Amount(required=True)
    currency = fields.String(required=True, validate=CURRENCY)


class ProductRecord(Nested):
    """One line of what was bought or offered; prices are in the currency of the interaction's amount."""

    sku = _text(64)
    name = _text(200)
    quantity = Amount(allow_none=True)
    unit_price = Amount(allow_none=True)
    unit_cost = Amount(allow_none=True)


class InteractionRecord(Record):
    """One contact between a customer and a partner."""

    customer_external_id = _text(200, required=True, blank=False)
    channel = _choice(CHANNELS, required=True)
    kind = _choice(INTERACTION_KINDS, required=True)
    direction = _choice(DIRECTIONS, required=True)
    occurred_at = _moment()
    subject = _text(300)
    body = _text(20_000)
    outcome = _text(200)
    agent = _text(200)
    satisfaction = fields.Integer(strict=True, allow_none=True, validate=validate.Range(min=1, max=5))
    amount = fields.Nested(MoneyRecord, allow_none=True)
    cost = fields.Nested(MoneyRecord, allow_none=True)
    products = fields.List(fields.Nested(ProductRecord), allow_none=True, validate=validate.Length(max=200))
    visibility = _choice(VISIBILITIES)
