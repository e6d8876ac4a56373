"""Cursors that Köprü keeps but never reads: a small JSON object, and the times inside it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from typing import Any

from connectors.errors import ExpiredCursor

_EARLIEST = dt.datetime.min.replace(tzinfo=dt.UTC)


def write(**state: Any) -> str:
    """The state as an opaque string."""
    return json.dumps(state, separators=(",", ":"), sort_keys=True)


def read(cursor: str, allowed: frozenset[str]) -> dict[str, Any]:
    """The state written before; ExpiredCursor when another connector, or another version of this one, wrote it."""
    try:
        state = json.loads(cursor)
    except ValueError:
        state = None
    if not isinstance(state, dict) or not state or not allowed.issuperset(state):
        raise ExpiredCursor("The cursor was not written by this connector.")
    return state


def moment(value: Any) -> dt.datetime | None:
    """An ISO 8601 time as aware UTC (one without a zone is UTC), or None when it is none."""
    try:
        parsed = dt.datetime.fromisoformat(value)
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def text(value: dt.datetime) -> str:
    """A time as ISO 8601 in UTC with microseconds and Z; as text it sorts like the time."""
    # Not by strftime, which writes the year 1 of "never" as "1": a time that no partner reads.
    return value.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def back(value: str, seconds: float) -> str:
    """The same time, so many seconds earlier; the earliest there is where that would lie before it."""
    parsed = moment(value)
    if parsed is None:
        raise ExpiredCursor("The cursor holds no time.")
    return text(max(parsed, _EARLIEST + dt.timedelta(seconds=seconds)) - dt.timedelta(seconds=seconds))


def latest(values: Iterable[Any]) -> str | None:
    """The latest of the times that make sense."""
    times = [parsed for parsed in map(moment, values) if parsed is not None]
    return text(max(times)) if times else None


def not_later(value: str | None, now: dt.datetime | None = None) -> str | None:
    """The time, or now when it lies in the future: one absurd date must not hide all later changes."""
    return value and min(value, text(now or dt.datetime.now(dt.UTC)))


def clock(date_header: str | None) -> str:
    """The partner's time by its Date header, where that makes sense and is not yet to come, else ours."""
    now = text(dt.datetime.now(dt.UTC))
    try:
        return min(text(parsedate_to_datetime(date_header or "")), now)
    except (ValueError, OverflowError):
        return now
