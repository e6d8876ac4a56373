"""What every wire shape is made of: strict schemas and fields that refuse what no database can store."""

from __future__ import annotations

import decimal
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import EXCLUDE, RAISE, ValidationError, fields, validate
from marshmallow import Schema as MarshmallowSchema

CURRENCY = validate.Regexp(r"^[A-Z]{3}\Z", error="Three capital letters of ISO 4217, such as TRY.")
CODE = validate.Regexp(r"^[a-z][a-z0-9_]{0,62}\Z", error="A letter first, then a-z, 0-9 and _, 63 at most.")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_EARLIEST, _LATEST = datetime(1800, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class Schema(MarshmallowSchema):
    """A wire shape in which an unknown field is an error, never silently dropped."""

    class Meta:
        unknown = RAISE


class Shown(MarshmallowSchema):
    """A shape that goes out; more fields may join it, so a reader ignores those it does not know."""

    class Meta:
        unknown = EXCLUDE


def storable(text: str) -> bool:
    """Whether text can be stored and sent as UTF-8: no NUL and no lone surrogate."""
    return _UNSTORABLE.search(text) is None


class Text(fields.String):
    """A string of at most `most` characters, trimmed, without NUL or lone surrogates; empty only where `least` is 0."""

    def __init__(self, most: int = 200, least: int = 1, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(min=least, max=most), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if not storable(text):
            raise ValidationError("Not storable text: it holds a NUL or half a surrogate pair.")
        return text.strip()


class Flag(fields.Boolean):
    """true or false; no word or number stands for them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(truthy={True}, falsy={False}, **kwargs)


class Moment(fields.AwareDateTime):
    """An RFC 3339 moment with its offset, kept in UTC, between the years 1800 and 2200."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        if not isinstance(value, str):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        moment: datetime = super()._deserialize(value, attr, data, **kwargs)
        try:
            moment = moment.astimezone(UTC)
        except OverflowError:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from None
        if not _EARLIEST <= moment < _LATEST:
            raise ValidationError("Between the years 1800 and 2200.")
        return moment


class Day(fields.Date):
    """A calendar day, YYYY-MM-DD, between the years 1800 and 2200."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if not isinstance(value, str) or _DAY.fullmatch(value) is None:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        day = super()._deserialize(value, attr, data, **kwargs)
        if not _EARLIEST.date() <= day < _LATEST.date():
            raise ValidationError("Between the years 1800 and 2200.")
        return day


class Amount(fields.Decimal):
    """A decimal with at most 4 places and 14 whole digits; sent as a string, taken as a string or a number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(as_string=True, allow_nan=False, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if (
            isinstance(value, bool)
            or not isinstance(value, str | int | float | decimal.Decimal)
            or len(str(value)) > 40
        ):
            raise self.make_error("invalid")
        number = super()._deserialize(value, attr, data, **kwargs)
        exponent = number.normalize().as_tuple().exponent
        if not isinstance(exponent, int) or exponent < -4 or abs(number) >= 10**14:
            raise ValidationError("At most 14 whole digits and 4 decimal places.")
        return number


class Money(Schema):
    """An amount of money: a decimal and its ISO 4217 currency."""

    value = Amount(required=True, metadata={"description": "decimal, as a string", "example": "1250.00"})
    currency = fields.String(required=True, validate=CURRENCY, metadata={"example": "TRY"})
