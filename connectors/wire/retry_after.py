"""When a partner says we may come back: Retry-After (RFC 9110 section 10.2.3), else what it says of its rate limit."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from connectors.wire.rate_limit import seconds_of, used_up

_RESETS = ("RateLimit-Reset", "X-RateLimit-Reset", "X-Rate-Limit-Reset")
_LONGEST = 3_600.0


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds to wait after a refusal, 0 to one hour, or None when the partner names no time that makes sense."""
    now = time.time() if now is None else now
    told = headers.get("Retry-After", "").strip()
    seconds = _number(told) if told else None
    if told and seconds is None:
        seconds = _until(told, now)
    if seconds is None:
        seconds = used_up(headers, now)
    if seconds is None:
        seconds = next(filter(None, (seconds_of(headers.get(name, ""), now) for name in _RESETS)), None)
    return None if seconds is None else min(max(seconds, 0.0), _LONGEST)


def pause(status: int, headers: Mapping[str, str], now: float | None = None) -> float:
    """Seconds, up to one hour, for which an answer asks us to leave the partner alone; a refusal is not needed."""
    now = time.time() if now is None else now
    asked = retry_after(headers, now) if status in (429, 503) else used_up(headers, now)
    return min(asked or 0.0, _LONGEST)


def _number(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if seconds == seconds else None


def _until(text: str, now: float) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp() - now
