"""How one attempt went, and what of the answer is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from gateway.webhooks.delivery.due import Claim

_MOST_HEADERS, _MOST_CHARACTERS = 50, 512
_MASKED = frozenset(
    {"set-cookie", "authorization", "proxy-authorization", "www-authenticate", "proxy-authenticate", "cookie"}
)
_MASK = "•••"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt went; `next_at` is when to try again, None after success and at the end of the schedule.

    `address` is the one that was reached. `pause_seconds` is how long the receiver wants to be left alone altogether.
    """

    claim: Claim = field(repr=False)
    attempted_at: datetime
    status: str
    http_status: int | None
    error: str | None
    duration_ms: int
    next_at: datetime | None
    address: str | None = None
    headers: Mapping[str, str] | None = None
    body: bytes | None = field(default=None, repr=False)
    pause_seconds: float | None = None

    @property
    def state(self) -> str:
        """What becomes of the delivery."""
        if self.status == "delivered":
            return "delivered"
        return "exhausted" if self.next_at is None else "pending"


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """What is kept of an answer's headers: the first 50, 512 characters of each, nothing that lets anybody in."""
    return {
        name: _MASK if name.lower() in _MASKED else value[:_MOST_CHARACTERS].replace("\0", "")
        for name, value in islice(headers.items(), _MOST_HEADERS)
    }
