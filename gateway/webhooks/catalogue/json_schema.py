"""JSON Schema 2020-12 as the house may write it: a part of the standard that no schema can make slow.

Refused are references to anywhere else or in circles, `patternProperties`, `uniqueItems` and whatever else is not
listed here; a pattern is one run of characters between `^` and `$`, and no text over 100 characters matches one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import orjson
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import SchemaError
from jsonschema.validators import extend

from gateway.errors import MOST_ERRORS, FieldError

# What checking costs is at most parts times values, and for a pattern the cube of the longest text.
MOST_BYTES, MOST_PARTS, MOST_VALUES = 64 * 1024, 500, 1000
_LONGEST_MATCHED, _LONGEST_PATTERN, _MOST_REPEATS = 100, 200, 3
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PLAIN = frozenset(
    {
        "$comment", "$ref", "$schema", "const", "default", "deprecated", "description", "enum", "examples",
        "exclusiveMaximum", "exclusiveMinimum", "format", "maxItems", "maxLength", "maxProperties", "maximum",
        "minItems", "minLength", "minProperties", "minimum", "readOnly", "required", "title", "type",
    }
)  # fmt: skip
_ONE = frozenset({"additionalProperties", "else", "if", "items", "not", "propertyNames", "then"})
_MANY, _NAMED = frozenset({"allOf", "anyOf", "oneOf"}), frozenset({"$defs", "properties"})
_LOCAL = re.compile(r"#/\$defs/([A-Za-z0-9_-]{1,64})")
_PIECE = r"(?:\\[dwsDWS]|\\[^A-Za-z0-9]|\[\^?(?:\\.|[^\]\[\\])+\]|[^\\\[\](){}|*+?^$])"
_REPEATED = re.compile(rf"{_PIECE}(?:\{{\d{{1,3}}\}}|([*+?]|\{{\d{{1,3}},\d{{0,3}}\}}))?+")
_PATTERN = re.compile(rf"\^(?:{_REPEATED.pattern})*+\$")


def faults(schema: Mapping[str, Any], pointer: str = "/schema") -> list[FieldError]:
    """What keeps a schema from being taken over; empty where all is well."""
    if len(orjson.dumps(schema)) > MOST_BYTES:
        return [_fault(pointer, f"At most {MOST_BYTES} bytes.")]
    errors = list(islice(_odd(schema, pointer), MOST_ERRORS))
    if not errors and (too_much := _too_much(schema)):
        errors.append(_fault(pointer, too_much))
    if not errors:
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            errors.append(_fault(_place(error, pointer), error.message[:200]))
    return errors


def mismatches(schema: Mapping[str, Any], data: Any, pointer: str) -> list[FieldError]:
    """Where data is not as a schema (one without faults) says."""
    if len(orjson.dumps(data)) > MOST_BYTES or _values(data) > MOST_VALUES:
        return [_fault(pointer, f"At most {MOST_BYTES} bytes and {MOST_VALUES} values.")]
    found = _Checked(schema).iter_errors(data)
    return [
        {"pointer": _place(each, pointer), "code": "invalid", "message": each.message[:200]}
        for each in islice(found, MOST_ERRORS)
    ]


def placed(schema: Any, address: str) -> Any:
    """A schema (one without faults) as a part of another document of the same dialect, standing at `#/…`."""
    if not isinstance(schema, Mapping):
        return schema
    return {word: _placed(word, value, address) for word, value in schema.items() if word != "$schema"}


def _placed(word: str, value: Any, address: str) -> Any:
    if word == "$ref":
        return f"{address}{value.removeprefix('#')}"
    if word in _ONE:
        return placed(value, address)
    if word in _MANY:
        return [placed(each, address) for each in value]
    return {name: placed(each, address) for name, each in value.items()} if word in _NAMED else value


def _odd(schema: Any, pointer: str) -> Iterator[FieldError]:
    if isinstance(schema, bool):
        return
    if not isinstance(schema, Mapping):
        yield _fault(pointer, "A schema is an object, true or false.")
        return
    for word, value in schema.items():
        place = f"{pointer}/{_escaped(word)}"
        if word in _ONE:
            yield from _odd(value, place)
        elif word in _MANY:
            yield from _odd_list(value, place)
        elif word in _NAMED:
            yield from _odd_names(value, place)
        elif word == "pattern":
            yield from _odd_pattern(value, place)
        elif word == "$ref" and _target(value) is None:
            yield _fault(place, "Refer to `#/$defs/…` of this very schema.")
        elif word == "$schema" and value != DIALECT:
            yield _fault(place, f"Write it in {DIALECT}.")
        elif word not in _PLAIN:
            yield _fault(place, "This keyword is not among those that may be used.", "unknown_field")


def _odd_list(schemas: Any, pointer: str) -> Iterator[FieldError]:
    if not isinstance(schemas, list):
        yield _fault(pointer, "A list of schemas.")
        return
    for number, each in enumerate(schemas):
        yield from _odd(each, f"{pointer}/{number}")


def _odd_names(schemas: Any, pointer: str) -> Iterator[FieldError]:
    if not isinstance(schemas, Mapping):
        yield _fault(pointer, "An object of schemas.")
        return
    for name, each in schemas.items():
        yield from _odd(each, f"{pointer}/{_escaped(name)}")


def _odd_pattern(pattern: Any, pointer: str) -> Iterator[FieldError]:
    if not isinstance(pattern, str) or len(pattern) > _LONGEST_PATTERN or not _is_quick(pattern):
        yield _fault(pointer, f"`^`, characters and classes, at most {_MOST_REPEATS} of them repeated freely, `$`.")


def _is_quick(pattern: str) -> bool:
    """Whether matching costs few steps whatever the text: no groups, no choices, hardly any free repeats."""
    if _PATTERN.fullmatch(pattern) is None:
        return False
    try:
        re.compile(pattern)
    except (re.error, OverflowError):
        return False
    return sum(1 for each in _REPEATED.finditer(pattern[1:-1]) if each[1]) <= _MOST_REPEATS


def _too_much(schema: Mapping[str, Any]) -> str:
    """Why a schema is refused whole: a reference counts with all it refers to, and must not lead back to itself."""
    try:
        parts = _parts(schema, schema.get("$defs", {}), ())
    except _Astray:
        return "One of its references leads nowhere, or round in circles."
    return f"It has {parts} parts with all it refers to; at most {MOST_PARTS}." if parts > MOST_PARTS else ""


class _Astray(Exception):
    """A reference leads nowhere, or back to itself."""


def _parts(schema: Any, defined: Mapping[str, Any], within: tuple[str, ...]) -> int:
    if not isinstance(schema, Mapping):
        return 1
    count = 1
    for each in _inner(schema):
        count += _parts(each, defined, within)
        if count > MOST_PARTS:
            return count
    if name := _target(schema.get("$ref")):
        if name in within or name not in defined:
            raise _Astray
        count += _parts(defined[name], defined, (*within, name))
    return count


def _values(data: Any) -> int:
    if isinstance(data, dict | list):
        return 1 + sum(map(_values, data.values() if isinstance(data, dict) else data))
    return 1


def _inner(schema: Mapping[str, Any]) -> Iterator[Any]:
    for word, value in schema.items():
        if word in _ONE:
            yield value
        elif word in _MANY:
            yield from value
        elif word in _NAMED:
            yield from value.values()


def _target(reference: Any) -> str | None:
    found = _LOCAL.fullmatch(reference) if isinstance(reference, str) else None
    return found[1] if found else None


def _match(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and (
        len(instance) > _LONGEST_MATCHED or not re.fullmatch(pattern, instance, re.ASCII)
    ):
        yield ValidationError(f"It does not match {pattern!r}.")


_Checked = extend(Draft202012Validator, {"pattern": _match})  # type: ignore[no-untyped-call]


def _place(error: Any, pointer: str) -> str:
    return "".join([pointer, *(f"/{_escaped(str(each))}" for each in error.absolute_path)])


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _fault(pointer: str, message: str, code: str = "invalid") -> FieldError:
    return {"pointer": pointer, "code": code, "message": message}
