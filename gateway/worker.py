"""The background processes: workers that answer the bell on one queue, and upkeep, which rings it for due rows.

`python -m gateway.worker QUEUE` runs one without loading the whole command line.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

from redis.exceptions import RedisError
from rq.job import Job
from rq.queue import Queue
from rq.serializers import JSONSerializer
from rq.worker import SimpleWorker

from gateway import audit, db, guarded_dial, id_time, outbox, process, queue
from gateway.channels import Caller
from gateway.config import Settings, read_settings
from gateway.crew import Crew
from gateway.errors import Unavailable
from gateway.features import JOBS
from gateway.log import configure_logs
from gateway.queue import Bell
from gateway.sync.drafting.beside import open_nursery
from gateway.sync.traffic.lanes import lanes_of

log = logging.getLogger(__name__)
SWEEP_SECONDS = 5.0
_WORKER_TTL, _MAINTENANCE = 60, 30
_OBJECTS_BETWEEN_COLLECTIONS = 50_000
_STOP_SECONDS = 5.0
# By default a thread whose answer has come waits 5 ms for one that computes: longer than most statements take.
_SWITCH_SECONDS = 0.0002
_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h


def open_everything(settings: Settings, pool_size: int | None = None) -> None:
    """Open what jobs need: logs, vault, database (of `pool_size` connections), queue, and the jobs themselves."""
    configure_logs(settings.log_level)
    process.open_all(settings, connections=pool_size)
    guarded_dial.open_folders(settings.drop_folders)
    log.debug("jobs_known", extra={"modules": [module.__name__ for module in JOBS]})


class Worker(SimpleWorker):
    """RQ's worker, which lets its job end before it stops; ours are asked to end soon."""

    def handle_warm_shutdown_request(self) -> None:
        """Called in the signal handler."""
        queue.stop_soon()


class CrewWorker(Worker):
    """Hands each job to a thread of its crew, and is free for the next bell at once."""

    def __init__(self, crew: Crew, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._crew = crew

    def handle_warm_shutdown_request(self) -> None:
        """Called in the signal handler."""
        self._crew.stop_soon()
        super().handle_warm_shutdown_request()

    def execute_job(self, job: Job, queue: Queue) -> None:
        """For RQ the job is done when it is handed over: the lease in its row tells whether it really is."""
        job.perform = partial(self._hand_over, job)  # type: ignore[method-assign]
        super().execute_job(job, queue)

    def _hand_over(self, job: Job) -> None:
        self._crew.take(partial(job.func, *job.args), lanes_of(*job.args))


def run(settings: Settings, name: str) -> None:
    """Work on one queue until told to stop."""
    if name == queue.UPKEEP:
        keep_up(settings)
    else:
        answer_bell(settings, name)


def answer_bell(settings: Settings, name: str) -> None:
    """Run what is rung for on one queue. One queue a process: RQ loses ids when it listens to several."""
    keep_one_heap()
    _spare_the_collector()
    is_sync = name == queue.SYNC
    if is_sync:
        open_nursery()
    open_everything(settings, settings.sync_pool_size if is_sync else None)
    crew = Crew(settings.sync_threads)
    worker_of = partial(CrewWorker, crew) if is_sync else Worker
    worker = worker_of(
        [queue.rq_queue(name)],
        connection=queue.redis(),
        serializer=JSONSerializer,
        worker_ttl=_WORKER_TTL,
        maintenance_interval=_MAINTENANCE,
        log_job_description=False,
    )
    sys.setswitchinterval(_SWITCH_SECONDS)
    worker.work(logging_level="WARNING")
    crew.close(_STOP_SECONDS)


def keep_one_heap() -> None:
    """Have all threads take memory from one heap: one of each thread's own would keep what a page of it took for good.

    A run changes its threads every minute, and grew by ten megabytes each time. See mallopt(3), M_ARENA_MAX; a C
    library without it is left as it is.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)


def _spare_the_collector() -> None:
    """A page makes tens of thousands of objects, hardly any in cycles: looking for those took a fifth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)


def keep_up(settings: Settings) -> None:
    """Sweep and do chores until told to stop; any number of these may run."""
    open_everything(settings)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    next_at = dict.fromkeys(queue.chores(), 0.0)
    while not stopping.wait(1.0):
        for every_seconds, chore in next_at:
            if time.monotonic() >= next_at[every_seconds, chore]:
                _safely(chore)
                next_at[every_seconds, chore] = time.monotonic() + every_seconds


@queue.chore(every_seconds=SWEEP_SECONDS)
def sweep() -> int:
    """Ring the bell for every row that is due or whose lease has run out; answers how many bells."""
    bells: set[Bell] = set()
    for find_due in queue.sweepers():
        with db.transaction(Caller.system("sweeper")) as tx:
            bells.update(find_due(tx))
    return queue.ring_now(bells)


def _safely(work: Callable[[], object]) -> None:
    try:
        work()
    except (Unavailable, RedisError):
        log.warning("upkeep_waits", extra={"work": work.__name__})
    except Exception:
        log.exception("upkeep_failed", extra={"work": work.__name__})


@queue.chore(every_seconds=5)
def seal_audit_trail() -> None:
    """Chain what has been committed since the last time."""
    sealed = 1000
    while sealed == 1000:
        with db.transaction(Caller.system("audit"), statement_seconds=60) as tx:
            sealed = audit.seal(tx, 1000)


@queue.chore(every_seconds=3600)
def forget_old_events() -> None:
    """Remove events that are older than the installation keeps them and have been read."""
    before, removed = id_time.first_id(db.now() - timedelta(days=read_settings().event_days)), 1
    while removed:
        with db.transaction(Caller.system("outbox"), statement_seconds=60) as tx:
            removed = outbox.forget(tx, before)


if __name__ == "__main__":
    run(read_settings(), sys.argv[1])
