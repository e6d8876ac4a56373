"""Reading JSON as an attacker might write it: duplicate keys, NaN, deep nesting, huge numbers, unstorable text."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import orjson

from gateway.errors import MOST_ERRORS, BadRequest, FieldError, Invalid

MOST_DEPTH = 32
_MOST_DIGITS = 40
_SMALLEST, _LARGEST = -(2**63), 2**64 - 1  # what PostgreSQL, our writer of JSON and most readers can hold


class _Malformed(ValueError):
    pass


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Malformed("The same key stands twice in one object.")
    return found


def _constant(name: str) -> NoReturn:
    raise _Malformed(f"{name} is not JSON.")


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS or not _SMALLEST <= (number := int(digits)) <= _LARGEST:
        raise _Malformed("A number without a fraction takes more than 64 bits.")
    return number


def _decimal(digits: str) -> float:
    number = float(digits)
    if len(digits) > 2 * _MOST_DIGITS or number in (float("inf"), float("-inf")):
        raise _Malformed("A number is too large or too long.")
    return number


_decoder = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_constant=_constant, parse_int=_integer, parse_float=_decimal
)


def parse_json(raw: bytes) -> Any:
    """The value of a JSON body; raises BadRequest (400), or Invalid (422) for text that cannot be stored."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise BadRequest("The body is not UTF-8.") from None
    try:
        value = _decoder.decode(text)
    except _Malformed as wrong:
        raise BadRequest(str(wrong)) from None
    except RecursionError:
        raise BadRequest(f"The JSON is nested deeper than {MOST_DEPTH} levels.") from None
    except ValueError as wrong:
        raise BadRequest(f"The body is not JSON: {wrong}") from None
    # Only an escape can spell what UTF-8 and the decoder have not refused yet, and only as many brackets can nest deep.
    if b"\\u" not in raw and raw.count(b"{") + raw.count(b"[") <= MOST_DEPTH:
        return value
    errors: list[FieldError] = []
    _inspect(value, "", 1, errors)
    if errors:
        raise Invalid(errors=errors)
    return value


def _inspect(value: Any, pointer: str, depth: int, errors: list[FieldError]) -> None:
    if isinstance(value, str):
        if len(errors) < MOST_ERRORS and ("\x00" in value or not _encodable(value)):
            message = "Not storable text: it holds a NUL or half a surrogate pair."
            errors.append({"pointer": pointer, "code": "not_storable", "message": message})
        return
    if not isinstance(value, dict | list):
        return
    if depth > MOST_DEPTH:
        raise BadRequest(f"The JSON is nested deeper than {MOST_DEPTH} levels.")
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(key, str):
            _inspect(key, pointer, depth, errors)
            key = key.replace("~", "~0").replace("/", "~1")
        _inspect(item, f"{pointer}/{key}", depth + 1, errors)


def _encodable(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def write_json(value: Any) -> bytes:
    """UTF-8 JSON; moments end in Z."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)
