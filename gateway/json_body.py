"""Reading JSON as an attacker might write it: duplicate keys, NaN, deep nesting, huge numbers, unstorable text."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

import orjson

from gateway.errors import MOST_ERRORS, BadRequest, FieldError, Invalid

MOST_DEPTH = 32
_MOST_DIGITS = 40
_SMALLEST, _LARGEST = -(2**63), 2**64 - 1  # what our writer of JSON, and most readers, can hold
_MANY_DIGITS = re.compile(rb"[0-9]{19}")


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
    if len(digits) > _MOST_DIGITS:
        raise _Malformed(f"A number has more than {_MOST_DIGITS} digits.")
    return int(digits)


def _decimal(digits: str) -> float:
    number = float(digits)
    if len(digits) > 2 * _MOST_DIGITS or number in (float("inf"), float("-inf")):
        raise _Malformed("A number is too large or too long.")
    return number


_decoder = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_constant=_constant, parse_int=_integer, parse_float=_decimal
)


def parse_json(raw: bytes) -> Any:
    """The value of a JSON body; raises BadRequest (400), or Invalid (422) for what cannot be stored."""
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
    # Only an escape can spell what UTF-8 and the decoder have not refused yet, only as many brackets can nest deep, and
    # only as many digits can be too large a number.
    if b"\\u" not in raw and raw.count(b"{") + raw.count(b"[") <= MOST_DEPTH and not _MANY_DIGITS.search(raw):
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
    if type(value) is int and not _SMALLEST <= value <= _LARGEST and len(errors) < MOST_ERRORS:
        message = "Not storable: a number without a fraction that takes more than 64 bits."
        errors.append({"pointer": pointer, "code": "not_storable", "message": message})
    if not isinstance(value, dict | list):
        return
    if depth > MOST_DEPTH:
        raise BadRequest(f"The JSON is nested deeper than {MOST_DEPTH} levels.")
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(key, str):
            _inspect(key, pointer, depth, errors)
            # A pointer is part of our answer, which half a surrogate pair would spoil.
            key = key.encode(errors="replace").decode().replace("~", "~0").replace("/", "~1")
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
