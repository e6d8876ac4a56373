"""When a receiver says it may be tried again: Retry-After (RFC 9110 section 10.2.3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from gateway.db import now


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, 0 or more, or None where nothing sensible was said; whole seconds or an HTTP date."""
    said = (headers.get("retry-after") or "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        moment = parsedate_to_datetime(said)
    except (ValueError, OverflowError):  # the latter for a year or a zone beyond all numbers
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now()).total_seconds())
