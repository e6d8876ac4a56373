"""Redis, and who works off its queues."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from redis.exceptions import RedisError
from rq.worker import BaseWorker, Worker

from gateway import db, queue
from gateway.config import Settings
from gateway.doctor.finding import Finding, hint, ok, wrong

OLDEST_REDIS = (6, 2)
_ALIVE_SECONDS = 90  # a worker's heartbeat may be a minute old


def of_redis(settings: Settings) -> Iterator[Finding]:
    """Every check of Redis and of who works; the rest is left out where it does not answer."""
    queue.open_queue(settings.redis_url)
    try:
        info: dict[str, Any] = queue.redis().info()
    except (RedisError, OSError) as error:
        yield wrong("redis", f"does not answer: {error}", "Start Redis, or correct REDIS_URL; until then work waits.")
        return
    yield ok("redis", "answers")
    yield from (check(info) for check in REDIS_CHECKS)
    yield from check_workers()
    yield check_upkeep()


def check_redis_version(info: dict[str, Any]) -> Finding:
    """Redis 6.2 or newer; Valkey says which Redis it equals."""
    shown = str(info.get("redis_version", "0"))
    parts = tuple(int(part) for part in re.findall(r"\d+", shown)[:2])
    if parts < OLDEST_REDIS:
        return wrong("redis version", f"Redis {shown}", "Use Redis 6.2 or newer, or Valkey.")
    return ok("redis version", f"{'Valkey' if 'valkey_version' in info else 'Redis'} {shown}")


def check_eviction(info: dict[str, Any]) -> Finding:
    """A full Redis must refuse, never forget."""
    policy = info.get("maxmemory_policy", "noeviction")
    if policy == "noeviction":
        return ok("redis eviction", "noeviction")
    return wrong("redis eviction", f"{policy} throws away jobs and limits", "Set maxmemory-policy to noeviction.")


def check_persistence(info: dict[str, Any]) -> Finding:
    """Losing Redis costs seconds and no data, but keeping it saves them."""
    if info.get("aof_enabled"):
        return ok("redis persistence", "append-only file")
    return hint(
        "redis persistence",
        "no append-only file: after a restart waiting jobs are rung for again by upkeep",
        "Set appendonly yes to save those seconds.",
    )


REDIS_CHECKS: tuple[Callable[[dict[str, Any]], Finding], ...] = (check_redis_version, check_eviction, check_persistence)


def workers_alive() -> dict[str, int]:
    """How many workers showed a sign of life lately, by queue; for upkeep 1 or 0. Raises RedisError."""
    alive = {name: _alive(Worker.all(queue=queue.rq_queue(name))) for name in (queue.SYNC, queue.WEBHOOKS)}
    return {**alive, queue.UPKEEP: int(bool(queue.redis().exists(queue.UPKEEP_ALIVE)))}


def check_workers() -> Iterator[Finding]:
    """Somebody works on each queue."""
    for name, count in workers_alive().items():
        if name != queue.UPKEEP:
            says = f"{count} alive"
            yield (
                ok(f"workers: {name}", says)
                if count
                else wrong(f"workers: {name}", says, f"Start one: kopru work {name}")
            )


def check_upkeep() -> Finding:
    """Somebody sweeps and schedules."""
    if queue.redis().exists(queue.UPKEEP_ALIVE):
        return ok("upkeep", "alive")
    return wrong("upkeep", "no sign of life: nothing is scheduled, swept or sealed", "Start it: kopru work upkeep")


def _alive(workers: Iterable[BaseWorker]) -> int:
    oldest = db.now().timestamp() - _ALIVE_SECONDS
    return sum(1 for worker in workers if worker.last_heartbeat and worker.last_heartbeat.timestamp() > oldest)
