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
    """Draw a lot, or nothing, from a bucket that held `tokens` so many `seconds` ago.

    The bucket holds a tenth of the minute's budget, and fills so slowly that even the minute which begins with a full
    one, and with a lot drawn just before, sees no more than `per_minute` requests.
    """
    burst = max(1.0, per_minute // _BURST_SHARE)
    refill = (per_minute - burst + 1) / (_MINUTE + LOT_SECONDS)
    lot = max(1, int(per_minute * LOT_SECONDS / _MINUTE))
    filled = min(burst, tokens + max(seconds, 0.0) * refill)
    if filled + _ALMOST < lot:
        return Draw(0, filled, (lot - filled) / refill)
    return Draw(lot, filled - lot, 0.0)
