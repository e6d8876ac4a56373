"""When a partner says we may come back: Retry-After (RFC 9110 section 10.2.3), else RateLimit and reset headers."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

_RESETS = ("RateLimit-Reset", "X-RateLimit-Reset", "X-Rate-Limit-Reset")
_EPOCH_FROM = 1_000_000_000  # a reset header above this is a Unix time, below it a number of seconds
_LONGEST = 86_400.0
_SPENT = re.compile(r";\s*r=0\b")
_WINDOW = re.compile(r";\s*t=(\d+)")


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds to wait, 0 to one day, or None when the partner names no time that makes sense."""
    now = time.time() if now is None else now
    told = headers.get("Retry-After", "").strip()
    seconds = _number(told) if told else None
    if told and seconds is None:
        seconds = _until(told, now)
    if seconds is None:
        seconds = _spent(headers.get("RateLimit", ""))
    if seconds is None:
        seconds = next((_reset(headers[name], now) for name in _RESETS if name in headers), None)
    return None if seconds is None else min(max(seconds, 0.0), _LONGEST)


def _number(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if seconds == seconds else None


def _until(text: str, now: float) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp() - now


def _spent(text: str) -> float | None:
    """The longest wait among the spent quotas of `"burst";r=0;t=5, "day";r=90;t=3600` (IETF RateLimit draft)."""
    waits = [_WINDOW.search(quota) for quota in text.split(",") if _SPENT.search(quota)]
    return max((float(wait[1]) for wait in waits if wait), default=None)


def _reset(text: str, now: float) -> float | None:
    seconds = _number(text)
    return seconds - now if seconds is not None and seconds > _EPOCH_FROM else seconds
