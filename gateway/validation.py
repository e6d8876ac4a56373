"""Validation by marshmallow, told in our one error shape."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from marshmallow import Schema, ValidationError

from gateway.errors import FieldError, Invalid


def load(
    shape: type[Schema] | None, value: Any, allowed: frozenset[str] | None = None, *, is_patch: bool = False
) -> Any:
    """Load `value` through a schema narrowed to `allowed` fields; raises Invalid with a pointer for each error.

    A patch may leave out any field of the record, and nothing inside one, for that is replaced whole.
    """
    assert shape is not None  # noqa: S101  # an operation with a body has a shape on each of its channels
    try:
        schema = schema_of(shape, allowed)
        return schema.load(value, partial=tuple(schema.fields) if is_patch else None)
    except ValidationError as invalid:
        raise Invalid(errors=list(flatten(messages_of(invalid)))) from None


@lru_cache(maxsize=512)
def schema_of(shape: type[Schema], allowed: frozenset[str] | None) -> Schema:
    """The one instance of a schema narrowed to `allowed`: making one costs more than loading with it."""
    return shape() if allowed is None else shape(only=sorted(allowed & set(shape._declared_fields)))


def flatten(messages: Any, pointer: str = "") -> Iterable[FieldError]:
    """marshmallow's nested messages as `{"pointer", "code", "message"}`, one for each field."""
    if isinstance(messages, dict):
        for key, nested in messages.items():
            place = pointer if key == "_schema" else f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
            yield from flatten(nested, place)
    else:
        yield {"pointer": pointer, "code": code_of(messages), "message": sentence_of(messages)}


_CODES = {
    "Missing data for required field.": "required",
    "Unknown field.": "unknown_field",
    "Field may not be null.": "null",
}


def code_of(messages: Any) -> str:
    """A stable code for marshmallow's message."""
    return _CODES.get(sentence_of(messages), "invalid")


def messages_of(invalid: ValidationError) -> dict[str, Any]:
    """marshmallow's messages as a dict by field."""
    messages: dict[str, Any] = invalid.normalized_messages()  # type: ignore[no-untyped-call]
    return messages


def sentence_of(messages: Any) -> str:
    """The first of marshmallow's messages."""
    if isinstance(messages, dict):
        return sentence_of(next(iter(messages.values())))
    return str(messages[0]) if isinstance(messages, list) and messages else str(messages)
