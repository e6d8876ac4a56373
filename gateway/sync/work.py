"""A run in a worker's hands: its lease, its counters, and the pages it commits."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import bindparam, func, select, update

from connectors.base import Connector
from gateway import audit
from gateway.channels import Caller
from gateway.db import Query, Transaction, now, transaction
from gateway.partners.models import Partner
from gateway.queue import SYNC, LeaseLost, claim, hold, ring, stopper
from gateway.sync.models import ACTIVE, COUNTERS, SyncLink, SyncRun
from gateway.sync.sealing import opened
from gateway.vault import SealBroken

log = logging.getLogger(__name__)

JOB = "gateway.sync.jobs.run"
LEASE_SECONDS = 60
SLICE_SECONDS = 45.0  # below the job's time limit: a long run is many jobs, and other links get their turn between them
STATEMENT_SECONDS = 60
_RENEW_SECONDS = 15.0
_stopping = threading.Event()

Tally = Counter[str]


class Cancelled(Exception):
    """Somebody asked for the end of the run."""


class SliceOver(Exception):
    """This job has worked long enough; another goes on from here."""


@dataclass(frozen=True, slots=True)
class Link:
    """What work on a link needs to know of it, secrets apart."""

    id: UUID
    name: str
    connector: str
    partner_id: UUID
    partner: str
    granted_fields: frozenset[str]
    deletion_policy: str
    most_vanished_share: float
    most_rejected_share: float


_CANCEL_ASKED = Query(select(SyncRun.cancel_asked_at).where(SyncRun.id == bindparam("run")))
_COUNT = Query(
    update(SyncRun)
    .where(SyncRun.id == bindparam("run"))
    .values(streams=bindparam("counts"), steps_done=bindparam("steps"), tries=bindparam("tries_so_far"))
)


class Lease:
    """The right to work on a run, renewed from a thread while a partner is slow to answer."""

    def __init__(self, run_id: UUID, attempt: int) -> None:
        self.run_id = run_id
        self.attempt = attempt
        self._renewed = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._renew_forever, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def check(self) -> None:
        """Raise LeaseLost once the lease may have run out: a paused process must not go on calling the partner."""
        if time.monotonic() - self._renewed > LEASE_SECONDS:
            raise LeaseLost(f"run {self.run_id} attempt {self.attempt}")

    def hold(self, tx: Transaction) -> None:
        """Lock the run under this lease for the rest of the transaction; raises LeaseLost."""
        hold(tx, SyncRun, self.run_id, self.attempt, LEASE_SECONDS)
        self._renewed = time.monotonic()

    def _renew_forever(self) -> None:
        while not self._over.wait(_RENEW_SECONDS):
            try:
                with transaction(Caller.system("sync")) as tx:
                    self.hold(tx)
            except LeaseLost:
                self._renewed = float("-inf")
                return
            except Exception as error:  # the database is away: the next page will say so
                log.warning("lease_not_renewed", extra={"error": type(error).__name__})


@dataclass(slots=True)
class Work:
    """One attempt at a run."""

    link: Link
    lease: Lease
    streams: dict[str, dict[str, int]]
    steps_done: list[str]
    tries: int
    mode: str
    options: dict[str, Any]
    settings: dict[str, Any] = field(repr=False)
    connector: Connector = field(init=False)
    began: float = field(default_factory=time.monotonic)

    @property
    def caller(self) -> Caller:
        """The gateway's own work, with the link as the origin of what it writes (echo suppression)."""
        return replace(Caller.system("sync"), origin=str(self.link.id))

    @contextmanager
    def page(
        self, stream: str, total: int | None = None, *, settles: bool = False
    ) -> Iterator[tuple[Transaction, Tally]]:
        """One transaction of this run with its counters; raises Cancelled or LeaseLost, and then writes nothing.

        What only settles calls already made is written even when the end was asked for.
        """
        self.lease.check()
        tally: Tally = Counter()
        with transaction(self.caller, statement_seconds=STATEMENT_SECONDS) as tx:
            # A plan kept from when a table was small would read all of it for every page.
            tx.raw.execute(b"SET LOCAL plan_cache_mode = force_custom_plan")
            self.lease.hold(tx)
            asked = tx.first(_CANCEL_ASKED, run=self.lease.run_id)
            if asked and asked[0] and not settles:
                raise Cancelled
            yield tx, tally
            streams = counted(self.streams, stream, tally, total)
            tries = 0 if tally["read"] or tally["pushed"] else self.tries
            if streams != self.streams or tries != self.tries:
                self._save(tx, streams, self.steps_done, tries)
        self.streams, self.tries = streams, tries

    def finish_step(self, step: str) -> None:
        """Remember that a step needs no repeating."""
        with transaction(self.caller) as tx:
            self.lease.hold(tx)
            self._save(tx, self.streams, [*self.steps_done, step], self.tries)
        self.steps_done.append(step)

    def take_breath(self) -> None:
        """Raise SliceOver between two pages, or two calls, when this job's time is up or its process is to stop."""
        if _stopping.is_set() or time.monotonic() - self.began > SLICE_SECONDS:
            raise SliceOver

    def _save(self, tx: Transaction, streams: dict[str, Any], steps: list[str], tries: int) -> None:
        tx.run(_COUNT, run=self.lease.run_id, counts=Jsonb(streams), steps=steps, tries_so_far=tries)


@stopper
def stop_soon() -> None:
    """Have this process leave its run at the next place where nothing is lost, for another to go on."""
    _stopping.set()


def counted(streams: dict[str, Any], stream: str, tally: Tally, total: int | None = None) -> dict[str, Any]:
    """The run's counters with one page's added."""
    before = streams.get(stream) or dict.fromkeys(COUNTERS, 0)
    after = {**before, **{name: before.get(name, 0) + count for name, count in tally.items()}}
    if total is not None:
        after["total"] = max(total, after["read"])
    return {**streams, stream: after}


def begin(run_id: UUID) -> Work | None:
    """Take the run if it is due and free, and not asked to end; else None."""
    with transaction(Caller.system("sync")) as tx:
        attempt = claim(tx, SyncRun, run_id, LEASE_SECONDS, SyncRun.status.in_(ACTIVE), SyncRun.due_at <= func.now())
        if attempt is None:
            return None
        run = tx.session.get_one(SyncRun, run_id)
        link = tx.session.get_one(SyncLink, run.link_id)
        if run.cancel_asked_at is not None:
            _end(run, "cancelled")
            return None
        if link.status == "paused":
            _end(run, "failed", f"The link is paused: {link.paused_reason}")
            return None
        partner = tx.session.get_one(Partner, link.partner_id)
        if partner.status != "active":
            _end(run, "failed", f"The partner {partner.code} is suspended.")
            return None
        try:
            settings = opened(link)
        except SealBroken as broken:
            _end(run, "failed", f"The link's secrets cannot be opened: {broken}")
            return None
        run.status = "running"
        run.started_at = run.started_at or now()
        return Work(
            link=_view(link, partner),
            lease=Lease(run_id, attempt),
            streams=dict(run.streams),
            steps_done=list(run.steps_done),
            tries=run.tries,
            mode=run.mode,
            options=dict(run.options),
            settings=settings,
        )


def finish(work: Work, status: str, error: str | None = None, *, pauses: bool = False) -> None:
    """End the run for good; `pauses` stops the link too, with the error as its reason."""
    with transaction(work.caller) as tx:
        work.lease.hold(tx)
        _end(tx.session.get_one(SyncRun, work.lease.run_id), status, error)
        if pauses:
            link = tx.session.get_one(SyncLink, work.link.id)
            link.status, link.paused_reason, link.version = "paused", error, link.version + 1
            audit.record(tx, "sync.link.paused", "sync_link", link.id, {"reason": error})


def put_back(work: Work, seconds: float = 0.0, error: str | None = None, *, is_failure: bool = True) -> None:
    """Give the lease back: another job goes on from the last commit, at once or after so many seconds.

    `error` says why; it counts as a try unless the partner was not even asked.
    """
    with transaction(work.caller) as tx:
        work.lease.hold(tx)
        run = tx.session.get_one(SyncRun, work.lease.run_id)
        run.leased_until = None
        run.due_at = now() + timedelta(seconds=seconds)
        if error is not None:
            run.status, run.error, run.tries = "queued", error, run.tries + is_failure
        if not seconds:
            tx.after_commit(lambda: ring(SYNC, JOB, run.id))


def _end(run: SyncRun, status: str, error: str | None = None) -> None:
    run.status, run.error, run.finished_at, run.leased_until = status, error, now(), None


def _view(link: SyncLink, partner: Partner) -> Link:
    return Link(
        id=link.id,
        name=link.name,
        connector=link.connector,
        partner_id=partner.id,
        partner=partner.code,
        granted_fields=frozenset(partner.granted_fields),
        deletion_policy=link.deletion_policy,
        most_vanished_share=link.most_vanished_share,
        most_rejected_share=link.most_rejected_share,
    )
