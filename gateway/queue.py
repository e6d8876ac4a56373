"""Background work: rows in PostgreSQL are the truth, RQ on Redis is only the bell that wakes a worker.

A row of work has a lease and an attempt number; every transaction that writes an effect holds the row under that
number first, so a killed worker's orphan can no longer write. A sweeper rings again for whatever is due.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from redis import ConnectionPool, Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import bindparam, func, or_, update
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Query, Transaction

log = logging.getLogger(__name__)

SYNC, WEBHOOKS, UPKEEP = "sync", "webhooks", "upkeep"
QUEUES = (SYNC, WEBHOOKS, UPKEEP)
UPKEEP_ALIVE = "kopru:upkeep:alive"
_COALESCE_SECONDS = 0.05
_SILENCE_SECONDS = 90


class LeaseLost(Exception):
    """Another worker holds this row now; write nothing and leave."""


class Leased:
    """Columns of a row of work: raise `attempt` to claim it, hold `attempt` to write its effects."""

    attempt: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]


def claim(tx: Transaction, model: type[Any], row_id: UUID, seconds: int, *due: Any) -> int | None:
    """Take a free row that meets the conditions `due`; answers its new attempt number, or None if it is not free.

    Time is the database's clock, so workers with wrong clocks cannot steal or stall.
    """
    statement = (
        update(model)
        .where(model.id == row_id, or_(model.leased_until.is_(None), model.leased_until < func.now()), *due)
        .values(attempt=model.attempt + 1, leased_until=func.now() + func.make_interval(0, 0, 0, 0, 0, 0, seconds))
        .returning(model.attempt)
        .execution_options(synchronize_session=False)
    )
    attempt: int | None = tx.session.scalar(statement)
    return attempt


def hold(tx: Transaction, model: type[Any], row_id: UUID, attempt: int, seconds: int) -> None:
    """Keep the row locked under `attempt` until this transaction ends, and renew the lease; raises LeaseLost."""
    holding = _holding(model)  # type: ignore[arg-type]  # a class is hashable
    if not tx.run(holding, row=row_id, held_as=attempt, seconds=seconds):
        raise LeaseLost(f"{model.__tablename__} {row_id} attempt {attempt}")


@cache
def _holding(model: type[Any]) -> Query:
    return Query(
        update(model)
        .where(model.id == bindparam("row"), model.attempt == bindparam("held_as"), model.leased_until.is_not(None))
        .values(leased_until=func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, bindparam("seconds")))
    )


class Bell(NamedTuple):
    """A wake-up: run `job` (a dotted path) with `args` on `queue`."""

    queue: str
    job: str
    args: tuple[str, ...] = ()


_pool: ConnectionPool | None = None
_quick_pool: ConnectionPool | None = None
_pending: set[Bell] = set()
_wake = threading.Condition()
_ringer: threading.Thread | None = None


def open_queue(redis_url: str) -> None:
    """Point this process at its Redis."""
    global _pool, _quick_pool
    _quick_pool = ConnectionPool.from_url(redis_url, socket_timeout=0.25, socket_connect_timeout=0.25)
    _pool = ConnectionPool.from_url(redis_url, socket_timeout=5, socket_connect_timeout=2, health_check_interval=30)


def redis() -> Redis:
    """A client on this process's Redis."""
    return _client(_pool)


def quick_redis() -> Redis:
    """The same for what a request waits for: it gives up after a quarter of a second."""
    return _client(_quick_pool)


@lru_cache(maxsize=2)
def _client(pool: ConnectionPool | None) -> Redis:
    # Kept, for making one fills a table of some hundred commands.
    if pool is None:
        raise RuntimeError("the queue is not open: call open_queue first")
    return Redis(connection_pool=pool)


def rq_queue(name: str) -> Queue:
    """The RQ queue `name`, always with the JSON serializer: pickle would run whatever Redis holds."""
    return Queue(name, connection=redis(), serializer=JSONSerializer)


def ring(queue: str, job: str, *args: object) -> None:
    """Wake a worker soon. Never blocks and never fails: rings within 50 ms are one, and the sweeper rings again."""
    global _ringer
    with _wake:
        _pending.add(Bell(queue, job, tuple(map(str, args))))
        if _ringer is None or not _ringer.is_alive():
            _ringer = threading.Thread(target=_ring_forever, name="bell", daemon=True)
            _ringer.start()
        _wake.notify()


def _ring_forever() -> None:
    while True:
        with _wake:
            if not _pending and not _wake.wait(timeout=60):
                return
            bells = list(_pending)
            _pending.clear()
        ring_now(bells)
        threading.Event().wait(_COALESCE_SECONDS)


def ring_now(bells: Iterable[Bell]) -> int:
    """Enqueue the bells; answers how many got through. A dead Redis is logged, and the sweeper tries again."""
    rung = 0
    try:
        for bell in bells:
            rq_queue(bell.queue).enqueue_call(
                bell.job, args=bell.args, timeout=120, result_ttl=0, failure_ttl=600, ttl=300
            )
            rung += 1
    except (RedisError, OSError) as error:
        log.warning("bell_not_rung", extra={"error": type(error).__name__})
    return rung


Sweeper = Callable[[Transaction], Iterable[Bell]]
_sweepers: list[Sweeper] = []
_chores: list[tuple[float, Callable[[], object]]] = []
_stoppers: list[Callable[[], object]] = []


def sweeper(find_due: Sweeper) -> Sweeper:
    """Register a function that answers a bell for every row that is due or whose lease has run out."""
    _sweepers.append(find_due)
    return find_due


def chore(every_seconds: float) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Register upkeep that runs about every so many seconds on the upkeep worker; safe to run twice."""

    def register(work: Callable[[], object]) -> Callable[[], object]:
        _chores.append((every_seconds, work))
        return work

    return register


@chore(every_seconds=5)
def show_sign_of_life() -> None:
    """Have upkeep say that it runs; after 90 s of silence it counts as gone."""
    redis().set(UPKEEP_ALIVE, "1", ex=_SILENCE_SECONDS)


def stopper(stop_soon: Callable[[], object]) -> Callable[[], object]:
    """Register what has a long job of this process end at its next safe place; called in a signal handler."""
    _stoppers.append(stop_soon)
    return stop_soon


def stop_soon() -> None:
    """Have the job that this process is running end soon; whatever it leaves is taken up again."""
    for stop in _stoppers:
        stop()


def sweepers() -> tuple[Sweeper, ...]:
    """Every registered sweeper."""
    return tuple(_sweepers)


def chores() -> tuple[tuple[float, Callable[[], object]], ...]:
    """Every registered chore with its interval in seconds."""
    return tuple(_chores)
