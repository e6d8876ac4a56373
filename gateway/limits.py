"""Rate limits: one token bucket a client, kept in Redis, drawn from in small lots so that few requests pay for it.

A process takes a lot of tokens at once and spends it in memory; when Redis does not answer, each process limits by
itself, so an outage never closes the doors and never opens them wide.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from redis.exceptions import RedisError

from gateway import queue

_MOST_CLIENTS = 10_000
_LOT_SECONDS = 1.0

# KEYS[1] bucket · ARGV: quota, refill per second, now, wanted · answers {granted, remaining}
_TAKE = """
local state = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local quota, refill, now, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local tokens = math.min(quota, (tonumber(state[1]) or quota) + math.max(0, now - (tonumber(state[2]) or now)) * refill)
local granted = math.min(math.floor(tokens), wanted)
redis.call('HSET', KEYS[1], 'tokens', tokens - granted, 'at', now)
redis.call('EXPIRE', KEYS[1], math.ceil(quota / refill) + 1)
return {granted, math.floor(tokens - granted)}
"""


@dataclass(slots=True)
class _Lot:
    tokens: int = 0
    remaining: int = 0
    expires: float = 0.0
    empty_until: float = 0.0


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
        try:
            granted, remaining = queue.redis().eval(
                _TAKE, 1, f"kopru:limit:{client}", requests, requests / seconds, time.time(), wanted
            )
        except (RedisError, OSError):
            granted, remaining = wanted, 0
        lot.tokens, lot.remaining, lot.expires = int(granted), int(remaining), now + _LOT_SECONDS
        lot.empty_until = 0.0 if granted else now + seconds / requests
