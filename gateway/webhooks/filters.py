"""Conditions an endpoint sets on what it is told: every one must hold of the `data` as its owner may see it.

`{"field": "status", "is": ["active"]}`, `{"field": "contact_points.address.city", "is_not": [...]}` or
`{"field": "segment", "exists": true}`. A path goes through objects by dots; of a list any element may answer. A field
that is hidden from the owner is not in `data`, so no condition can tell it from one that does not exist. The end of a
record is held against no condition.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gateway.errors import FieldError
from schemas.base import storable

MOST_FILTERS, MOST_VALUES, LONGEST_PATH, LONGEST_VALUE = 20, 50, 200, 500
_CONDITIONS = ("is", "is_not", "exists")
_WANTED = {
    "is": f"A list of 1 to {MOST_VALUES} texts, numbers, true, false or null.",
    "is_not": f"A list of 1 to {MOST_VALUES} texts, numbers, true, false or null.",
    "exists": "true or false.",
}

Filter = Mapping[str, Any]


def check(filters: Any) -> list[FieldError]:
    """What is wrong with conditions as they came, with pointers below `/filters`; empty where all is well."""
    if not isinstance(filters, list) or len(filters) > MOST_FILTERS:
        return [_error("", f"A list of at most {MOST_FILTERS} conditions.")]
    return [error for place, each in enumerate(filters) for error in _faults(f"/{place}", each)]


def is_met(filters: Sequence[Filter], data: Mapping[str, Any]) -> bool:
    """Whether every condition holds of the data."""
    return all(_holds(each, data) for each in filters)


def _holds(condition: Filter, data: Mapping[str, Any]) -> bool:
    found = _found(data, condition["field"].split("."))
    if "exists" in condition:
        return any(value is not None for value in found) is condition["exists"]
    wanted = condition["is"] if "is" in condition else condition["is_not"]
    # In JSON `true` is not 1, which Python takes for equal.
    wished = {(type(value) is bool, value) for value in wanted}
    is_among = any((type(value) is bool, value) in wished for value in found if _is_scalar(value))
    return is_among == ("is" in condition)


def _found(value: Any, path: Sequence[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for each in value:
            yield from _found(each, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _found(value[path[0]], path[1:])


def _faults(pointer: str, condition: Any) -> Iterator[FieldError]:
    if not isinstance(condition, dict):
        yield _error(pointer, "An object with `field` and one of `is`, `is_not`, `exists`.")
        return
    if not _is_path(condition.get("field")):
        yield _error(f"{pointer}/field", f"Names of fields with dots between, {LONGEST_PATH} characters at most.")
    for unknown in sorted(condition.keys() - {"field", *_CONDITIONS}):
        yield _error(f"{pointer}/{unknown.replace('~', '~0').replace('/', '~1')}", "Unknown field.", "unknown_field")
    said = [name for name in _CONDITIONS if name in condition]
    if len(said) != 1:
        yield _error(pointer, "One of `is`, `is_not`, `exists`.")
    for name in said:
        if not (isinstance(condition[name], bool) if name == "exists" else _is_choice(condition[name])):
            yield _error(f"{pointer}/{name}", _WANTED[name])


def _is_path(path: Any) -> bool:
    return isinstance(path, str) and len(path) <= LONGEST_PATH and storable(path) and all(path.split("."))


def _is_choice(values: Any) -> bool:
    return isinstance(values, list) and 0 < len(values) <= MOST_VALUES and all(map(_is_value, values))


def _is_value(value: Any) -> bool:
    return _is_scalar(value) and not (isinstance(value, str) and (len(value) > LONGEST_VALUE or not storable(value)))


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)


def _error(pointer: str, message: str, code: str = "invalid") -> FieldError:
    return {"pointer": f"/filters{pointer}", "code": code, "message": message}
