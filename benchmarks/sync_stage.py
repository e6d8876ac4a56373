"""Where sync is measured: a fresh database with one link to the dealer, and a worker as `kopru work sync` starts it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

import psycopg
from rich.console import Console
from rich.table import Table
from rq import Worker

from benchmarks.dealer import PAGE, Dealer, open_dealer
from benchmarks.processes import cpu_seconds, footprint_mib
from benchmarks.stage import Stage
from benchmarks.worker import WorkerProcess
from gateway import migrations, pool, process, queue
from gateway.channels import Caller
from gateway.config import read_settings
from gateway.db import transaction
from gateway.embedded_cluster import SUPERUSER
from gateway.partners import service as partners
from gateway.sync import service
from gateway.sync.models import SyncRun

SYSTEM = Caller.system("benchmarks")
_DATABASE, _TEMPLATE, _OTHERS = "bench_sync", "bench_sync_empty", "bench_sync_floor"
_MOST_SECONDS, _START_SECONDS = 1800.0, 60.0
_POLL_SECONDS = 0.1
_WEIGHING_SECONDS = 1.0  # it takes 30 ms of a core, and the dealer's page waits meanwhile


class Turn(NamedTuple):
    """One way of doing it once: seconds by the clock, CPU seconds of the doer and of PostgreSQL, MiB at the most."""

    seconds: float
    cpu_seconds: float
    postgres_seconds: float
    peak_mib: float = 0.0


class RunFailed(AssertionError):
    """A run did not do what it was measured for, so there is no number."""


@dataclass
class Gateway:
    """Köprü with one link to the dealer, and one worker."""

    stage: Stage
    dealer: Dealer
    link_id: UUID
    worker: WorkerProcess

    def run(self, **expected: int) -> Turn:
        """A run from its start to its end; raises RunFailed unless its customers counted `expected`."""
        worker, postgres = cpu_seconds(self.worker.pid), cpu_seconds(self.stage.postgres_pid)
        with transaction(SYSTEM) as tx:
            run_id = service.start_run(tx, self.link_id).id
        run, peak = self._wait(run_id)
        worker, postgres = cpu_seconds(self.worker.pid) - worker, cpu_seconds(self.stage.postgres_pid) - postgres
        counts = run.streams.get("customers", {})
        if run.status != "succeeded" or not expected.items() <= counts.items():
            raise RunFailed(f"the run {run.status} with {counts} instead of {expected}: {run.error}")
        assert run.started_at is not None
        assert run.finished_at is not None
        return Turn((run.finished_at - run.started_at).total_seconds(), worker, postgres, peak)

    def settle(self) -> None:
        """Have PostgreSQL do at once what it owes to what was written: it would come within a minute, in any turn."""
        url = self.stage.servers.postgres.url_for(_DATABASE, SUPERUSER).replace("+psycopg", "")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")
            connection.execute("CHECKPOINT")

    def _wait(self, run_id: UUID) -> tuple[SyncRun, float]:
        deadline, peak, weighed = time.monotonic() + _MOST_SECONDS, 0.0, 0.0
        while (moment := time.monotonic()) < deadline:
            time.sleep(_POLL_SECONDS)
            if moment - weighed > _WEIGHING_SECONDS:
                peak, weighed = max(peak, footprint_mib(self.worker.pid)), moment
            with transaction(SYSTEM) as tx:
                run = service.get_run(tx, run_id)
            if run.finished_at is not None:
                return run, peak
        raise RunFailed(f"the run has not ended after {_MOST_SECONDS:.0f} s")


@contextmanager
def open_gateway(stage: Stage, dealer: Dealer) -> Iterator[Gateway]:
    """A database that has never heard of the dealer, and a worker that waits for a run."""
    environ = {
        **stage.environ(_fresh_database(stage)),
        "KOPRU_BASE_URL": "http://127.0.0.1:1",
        "KOPRU_WEBHOOK_ALLOW": "127.0.0.0/8",
    }
    settings = read_settings(environ)
    process.open_all(settings, connections=2, statement_seconds=60)
    queue.redis().flushdb()
    try:
        with transaction(SYSTEM) as tx:
            partner = partners.add(tx, "dealer", "Bayi", [])
            link = service.add_link(
                tx, name="Bayi DMS", partner_id=partner.id, connector="rest", settings=_settings(dealer.url)
            )
        command = [sys.executable, "-m", "gateway.worker", "sync"]
        with WorkerProcess(command, environ, stage.folder / "worker.log") as worker:
            _wait_until_ready()
            yield Gateway(stage, dealer, link.id, worker)
    finally:
        pool.close_database()
        stage.servers.postgres.drop_database(_DATABASE)  # else its housekeeping would be part of the next turn


@contextmanager
def open_dealer_and_gateway(stage: Stage, count: int) -> Iterator[Gateway]:
    """Both, the dealer with so many customers."""
    with open_dealer(stage.folder, count) as dealer, open_gateway(stage, dealer) as gateway:
        yield gateway


def _wait_until_ready() -> None:
    """Return when the worker listens, so that its start is not measured."""
    deadline = time.monotonic() + _START_SECONDS
    while not Worker.count(connection=queue.redis()):
        if time.monotonic() > deadline:
            raise RunFailed("the worker does not start; its log is worker.log")
        time.sleep(_POLL_SECONDS)


@contextmanager
def fresh_database(stage: Stage) -> Iterator[str]:
    """An empty database for whoever brings tables of its own, gone with its turn; its address."""
    postgres = stage.servers.postgres
    postgres.drop_database(_OTHERS)
    try:
        yield postgres.create_database(_OTHERS)
    finally:
        postgres.drop_database(_OTHERS)


def ratios(those: Sequence[Turn], ours: Sequence[Turn]) -> list[float]:
    """How many times as fast as those we were, by the clock, round by round."""
    return [their.seconds / our.seconds for their, our in zip(those, ours, strict=True)]


def show(console: Console, title: str, count: int, turns: dict[str, list[Turn]]) -> None:
    """Print the rate and CPU a record of everybody who took turns."""
    table = Table("", "records/s", "own µs", "PostgreSQL µs", "MiB", title=title)
    for name, taken in turns.items():
        rates = sorted(count / turn.seconds for turn in taken)
        own = sorted(turn.cpu_seconds for turn in taken)[len(taken) // 2] / count * 1e6
        postgres = sorted(turn.postgres_seconds for turn in taken)[len(taken) // 2] / count * 1e6
        peak = max(turn.peak_mib for turn in taken)
        rate = f"{rates[len(rates) // 2]:,.0f} ({rates[0]:,.0f}–{rates[-1]:,.0f})"
        table.add_row(name, rate, f"{own:.0f}", f"{postgres:.0f}", f"{peak:.0f}" if peak else "")
    console.print(table)


def _fresh_database(stage: Stage) -> str:
    postgres = stage.servers.postgres
    postgres.drop_database(_DATABASE)
    if _TEMPLATE not in stage.made:
        postgres.drop_database(_TEMPLATE)
        migrations.upgrade(postgres.create_database(_TEMPLATE))
        stage.made.add(_TEMPLATE)
    return postgres.create_database(_DATABASE, _TEMPLATE)


def _settings(url: str) -> dict[str, object]:
    only = {"customers": {"path": "/customers", "items": "items"}}
    return {"base_url": url, "auth": "none", "streams": only, "incremental": None, "tombstones": None,
            "pagination": {"limit": PAGE}}  # fmt: skip
