"""Moments as ids: ids begin with their milliseconds (RFC 9562 section 5.7), so an index of ids is one of time, too."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

_LATEST_MS = 7_258_118_400_000  # the year 2200, behind every moment we take


def first_id(moment: datetime) -> UUID:
    """What no id made at or after a moment is less than, to the millisecond."""
    return UUID(int=min(max(int(moment.timestamp() * 1000), 0), _LATEST_MS) << 80)


def time_of(made: UUID) -> datetime:
    """When an id was made, to the millisecond; a time of no meaning for one that is no UUIDv7."""
    return datetime.fromtimestamp(min(made.int >> 80, _LATEST_MS) / 1000, UTC)
