"""Rate limits: one token bucket a client, kept in Redis, drawn from in small lots so that few requests pay for it.

A process takes a lot of tokens at once and spends it in memory; when Redis does not answer, each process limits by
itself, so an outage never closes the doors and never opens them wide.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from math import inf

from redis.exceptions import RedisError

from gateway import queue

_MOST_CLIENTS = 10_000
_LOT_SECONDS = 1.0
_ALONE_SECONDS = 2.0

# KEYS[1] bucket · ARGV: quota, refill per second, now, wanted, returned · answers {granted, remaining}
_TAKE = """
local state = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local quota, refill, now, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local since = math.max(0, now - (tonumber(state[2]) or now))
local tokens = math.min(quota, (tonumber(state[1]) or quota) + since * refill + tonumber(ARGV[5]))
local granted = math.min(math.floor(tokens), wanted)
redis.call('HSET', KEYS[1], 'tokens', tokens - granted, 'at', math.max(now, tonumber(state[2]) or now))
redis.call('EXPIRE', KEYS[1], math.ceil(quota / refill) + 1)
return {granted, math.floor(tokens - granted)}
"""


@dataclass(slots=True)
class _Lot:
    """What one client may still spend here; `alone` is its bucket in this process for while Redis is away."""

    tokens: int = 0
    remaining: int = 0
    expires: float = 0.0
    empty_until: float = 0.0
    alone: float = inf
    alone_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """Whether a request may pass, how many remain, and after how many seconds to try again when it may not."""

    allowed: bool
    remaining: int
    retry_seconds: int


class Limiter:
    """The buckets of one process."""

    def __init__(self) -> None:
        self._lots: OrderedDict[str, _Lot] = OrderedDict()
        self._lock = threading.Lock()
        self._alone_until = 0.0

    def spend(self, client: str, requests: int, seconds: int) -> Allowance:
        """Spend one token of `client`, whose bucket holds `requests` and fills up in `seconds`."""
        now = time.monotonic()
        with self._lock:
            lot = self._lot_of(client)
            if (lot.tokens <= 0 or lot.expires < now) and lot.empty_until <= now:
                self._refill(client, lot, requests, seconds, now)
            if lot.tokens <= 0:
                return Allowance(False, 0, max(1, round(seconds / requests)))
            lot.tokens -= 1
            return Allowance(True, lot.tokens + lot.remaining, 0)

    def _lot_of(self, client: str) -> _Lot:
        lot = self._lots.get(client)
        if lot is None:
            lot = self._lots[client] = _Lot()
            if len(self._lots) > _MOST_CLIENTS:
                self._lots.popitem(last=False)
        return lot

    def _refill(self, client: str, lot: _Lot, requests: int, seconds: int, now: float) -> None:
        wanted = max(1, min(requests // 50, 50))
        granted, remaining = self._draw(client, lot, requests, seconds, wanted, now)
        lot.tokens, lot.remaining, lot.expires = granted, remaining, now + _LOT_SECONDS
        lot.empty_until = 0.0 if granted else now + seconds / requests

    def _draw(self, client: str, lot: _Lot, requests: int, seconds: int, wanted: int, now: float) -> tuple[int, int]:
        if now >= self._alone_until:
            # What was not spent in time goes back, or many processes would starve a client that asks now and then.
            asked = (requests, requests / seconds, time.time(), wanted, lot.tokens)
            try:
                granted, remaining = queue.quick_redis().eval(_TAKE, 1, f"kopru:limit:{client}", *asked)
            except (RedisError, OSError):
                self._alone_until = now + _ALONE_SECONDS
            else:
                return int(granted), int(remaining)
        return _draw_alone(lot, requests, seconds, wanted, now)


def _draw_alone(lot: _Lot, requests: int, seconds: int, wanted: int, now: float) -> tuple[int, int]:
    filled = min(requests, lot.alone + (now - lot.alone_at) * requests / seconds + lot.tokens)
    granted = min(int(filled), wanted)
    lot.alone, lot.alone_at = filled - granted, now
    return granted, int(lot.alone)
