"""What is done to an installation: killed workers, a Redis emptied or away, a PostgreSQL restarted."""

from __future__ import annotations

import random
from collections.abc import Iterator

from redis import Redis

from tests.faults.webhooks.stage import WORKERS, Stage


def harms(stage: Stage, chance: random.Random) -> Iterator[str]:
    """Do harm at every step, each kind of it before one comes again; answers which it was."""
    kinds = (kill_a_worker, kill_both, flush, take_redis_away, restart_postgres)
    while True:
        for kind in chance.sample(kinds, len(kinds)):
            kind(stage, chance)
            yield kind.__name__


def kill_a_worker(stage: Stage, chance: random.Random) -> None:
    """Kill -9 of one, wherever it is."""
    stage.kill_workers(chance.choice(WORKERS))


def kill_both(stage: Stage, _: random.Random) -> None:
    """Kill -9 of all that deliver."""
    stage.kill_workers()


def flush(stage: Stage, _: random.Random) -> None:
    """Empty Redis, several times."""
    with Redis.from_url(stage.servers.redis.url) as connection:
        for _again in range(3):
            connection.flushall()
            stage.pause(0.1)


def take_redis_away(stage: Stage, chance: random.Random) -> None:
    """Redis is gone for a while."""
    stage.servers.redis.stop()
    stage.pause(chance.uniform(0.2, 1.0))
    stage.servers.redis.start()


def restart_postgres(stage: Stage, _: random.Random) -> None:
    """PostgreSQL is stopped, fast, and started."""
    stage.servers.postgres.restart()
