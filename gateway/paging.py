"""Keyset paging: a page starts after the last record of the one before, so nothing is skipped, repeated or counted.

A cursor is signed and bound to its caller and query; elsewhere it is refused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, and_, bindparam, or_, tuple_

from gateway.errors import refuse_parameter

Row = Sequence[Any]
Shown = TypeVar("Shown")
_MARK_BYTES = 12
_REVIVE: dict[str, Callable[[str], Any]] = {"t": datetime.fromisoformat, "u": UUID, "s": str}


@dataclass(frozen=True, slots=True)
class Page:
    """A page of JSON-ready items and the key of its last one, None where the list has ended."""

    items: list[dict[str, Any]]
    last_key: tuple[Any, ...] | None


def cut_page(rows: Sequence[Row], limit: int, project: Callable[[Row], dict[str, Any]], width: int) -> Page:
    """The page inside `limit` + 1 rows whose columns after the first `width` are the key."""
    last = tuple(rows[limit - 1][width:]) if len(rows) > limit else None
    return Page([project(row) for row in rows[:limit]], last)


def page_of(
    rows: Sequence[Shown], limit: int, show: Callable[[Shown], dict[str, Any]], key: Sequence[str] = ("id",)
) -> Page:
    """The page inside `limit` + 1 objects; `key` names the attributes that they are ordered by."""
    last = tuple(getattr(rows[limit - 1], name) for name in key) if len(rows) > limit else None
    return Page([show(each) for each in rows[:limit]], last)


def key_params(key: Sequence[Any] | None) -> dict[str, Any]:
    """The parameters of `after_key`."""
    return {f"key_{number}": value for number, value in enumerate(key or ())}


def write_cursor(key: Sequence[Any], bound_to: str, secret: str) -> str:
    """An opaque cursor for `key`, good only where `bound_to` (caller and query) is the same."""
    payload = orjson.dumps(key_to_json(key))
    return base64.urlsafe_b64encode(_mark(payload, bound_to, secret) + payload).decode().rstrip("=")


def read_cursor(cursor: str, bound_to: str, secret: str) -> tuple[Any, ...]:
    """The key inside a cursor; raises BadRequest for one that was altered or belongs to another caller or query."""
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except ValueError:
        raw = b""
    mark, payload = raw[:_MARK_BYTES], raw[_MARK_BYTES:]
    if not hmac.compare_digest(mark, _mark(payload, bound_to, secret)):
        raise refuse_parameter("cursor", "invalid", "This cursor does not belong to this caller and query.")
    return key_from_json(orjson.loads(payload))


def key_to_json(key: Sequence[Any]) -> list[tuple[str, str]]:
    """A key as JSON keeps it."""
    return [_typed(value) for value in key]


def key_from_json(kept: Sequence[Sequence[str]]) -> tuple[Any, ...]:
    """The key that was kept."""
    return tuple(_REVIVE[kind](value) for kind, value in kept)


def _typed(value: Any) -> tuple[str, str]:
    if isinstance(value, datetime):
        return "t", value.isoformat()
    if isinstance(value, UUID):
        return "u", str(value)
    return "s", value


def _mark(payload: bytes, bound_to: str, secret: str) -> bytes:
    return hmac.new(secret.encode(), bound_to.encode() + b"\n" + payload, hashlib.sha256).digest()[:_MARK_BYTES]


def after_key(order: Sequence[tuple[ColumnElement[Any], bool]]) -> ColumnElement[bool]:
    """The condition "after the key" for `order`, (column, is_descending) pairs whose last is unique.

    Its parameters are `key_0`, `key_1`, … One direction throughout becomes a row comparison, which an index serves.
    """
    params = [bindparam(f"key_{number}", type_=column.type) for number, (column, _) in enumerate(order)]
    directions = {descending for _, descending in order}
    if len(directions) == 1:
        columns, keys = tuple_(*(column for column, _ in order)), tuple_(*params)
        return columns < keys if directions.pop() else columns > keys
    steps = []
    for number, (column, descending) in enumerate(order):
        same = [before == params[earlier] for earlier, (before, _) in enumerate(order[:number])]
        steps.append(and_(*same, column < params[number] if descending else column > params[number]))
    return or_(*steps)


def read_sort(raw: str | None, allowed: Sequence[str], default: str) -> tuple[tuple[str, bool], ...]:
    """`updated_at,-created_at` as (name, is_descending) pairs; raises BadRequest for a name not in `allowed`."""
    pairs: list[tuple[str, bool]] = []
    for item in (raw or default).split(","):
        name, descending = item.strip().removeprefix("-"), item.strip().startswith("-")
        if name not in allowed or name in (seen for seen, _ in pairs):
            raise refuse_parameter("sort", "unknown_field", f"Sort by {', '.join(allowed)}, each once.")
        pairs.append((name, descending))
    return tuple(pairs)


def read_names(raw: str | None, allowed: Sequence[str], parameter: str) -> tuple[str, ...] | None:
    """A comma-separated choice out of `allowed`, in the order of `allowed`; None where nothing was asked.

    A name that exists but is hidden is refused in the same words as one that does not exist.
    """
    if raw is None:
        return None
    asked = {item.strip() for item in raw.split(",")}
    if unknown := asked.difference(allowed):
        raise refuse_parameter(parameter, "unknown_field", f"There is no {', '.join(sorted(unknown))[:200]!r} here.")
    return tuple(name for name in allowed if name in asked)
