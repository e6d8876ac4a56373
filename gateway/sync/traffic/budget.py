"""A link's budget: at most so many requests in any minute, whoever sends them. A token bucket, pure."""

from __future__ import annotations

from typing import NamedTuple

LOT_SECONDS = 0.25  # what a worker draws at once, it spends within this time or gives back
_MINUTE = 60.0
_BURST_SHARE = 10
_ALMOST = 1e-6


class Draw(NamedTuple):
    """What a worker may send now, what the bucket keeps, and after how many seconds to ask again if it is nothing."""

    granted: int
    kept: float
    wait: float


def draw(per_minute: int, tokens: float, seconds: float) -> Draw:
    """Draw a lot from a bucket that held `tokens` so many `seconds` ago.

    The bucket holds a tenth of the minute's budget, and fills so slowly that even the minute which begins with a full
    one, and with a lot drawn just before, sees no more than `per_minute` requests.
    """
    burst = most_tokens(per_minute)
    refill = (per_minute - burst + 1) / (_MINUTE + LOT_SECONDS)
    filled = min(burst, tokens + max(seconds, 0.0) * refill)
    granted = min(int(filled + _ALMOST), max(1, int(per_minute * LOT_SECONDS / _MINUTE)))
    return Draw(granted, filled - granted, 0.0 if granted else (1.0 - filled) / refill)


def most_tokens(per_minute: int) -> float:
    """What the bucket holds when full."""
    return max(1.0, per_minute // _BURST_SHARE)
