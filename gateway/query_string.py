"""The query of a request, read by a marshmallow schema: what is unknown or said twice is refused by name."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from marshmallow import Schema, ValidationError

from gateway.errors import BadRequest
from gateway.validation import code_of, messages_of, schema_of, sentence_of

_MOST_KEPT_BYTES = 200


def read(shape: type[Schema] | None, raw: bytes) -> dict[str, Any]:
    """The loaded parameters; raises BadRequest. Where there is no shape, none is taken."""
    if shape is None:
        return _refuse_parameters(raw) if raw else {}
    # Callers ask the same again and again, and long queries (cursors) differ every time.
    load = _loaded if len(raw) <= _MOST_KEPT_BYTES else _loaded.__wrapped__
    return dict(load(shape, raw))


@lru_cache(maxsize=1024)
def _loaded(query: type[Schema], raw: bytes) -> dict[str, Any]:
    """The same; whoever gets them copies before writing."""
    pairs = _pairs(raw)
    values = dict(pairs)
    if len(values) != len(pairs):
        twice = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
        message = "Give this parameter once."
        raise BadRequest(errors=[{"parameter": name, "code": "repeated", "message": message} for name in twice])
    try:
        loaded: dict[str, Any] = schema_of(query, None).load(values)
    except ValidationError as invalid:
        raise BadRequest(
            errors=[
                {"parameter": str(name), "code": code_of(messages), "message": sentence_of(messages)}
                for name, messages in messages_of(invalid).items()
            ]
        ) from None
    return loaded


def _refuse_parameters(raw: bytes) -> dict[str, Any]:
    names = [name for name, _ in _pairs(raw)]
    raise BadRequest(
        errors=[{"parameter": name, "code": "unknown_field", "message": "Unknown field."} for name in names]
    )


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    try:
        text = raw.decode()
        plain = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        raise BadRequest("The query is not UTF-8.") from None
    if "\x00" in plain:
        raise BadRequest("The query holds a NUL.")
    return parse_qsl(text, keep_blank_values=True)
