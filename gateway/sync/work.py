"""A run in a worker's hands: its lease, its counters, and the pages it commits."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import bindparam, select, update

from connectors.base import Connector
from gateway import bulk
from gateway.channels import Caller
from gateway.db import Query, Transaction, transaction
from gateway.partners.models import Partner
from gateway.queue import LeaseLost, stopper
from gateway.sync.lease import LEASE_SECONDS, Lease
from gateway.sync.meters import count_records
from gateway.sync.models import ACTIVE, COUNTERS, SyncLink, SyncRun

JOB = "gateway.sync.jobs.run"
SLICE_SECONDS = 45.0  # below the job's time limit: a long run is many jobs, and other links get their turn between them
STATEMENT_SECONDS = 60
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


# Parts of a run are worked on side by side: the counters are those of the row, which stays locked until the commit.
# Its key is not: rows that refer to the run, as its requests do, are written meanwhile.
_STATE = Query(
    select(
        SyncRun.status, SyncRun.cancel_asked_at, SyncRun.streams, SyncRun.steps_done, SyncRun.tries,
        Partner.status, Partner.granted_fields,
    )
    .join(SyncLink, SyncLink.id == SyncRun.link_id)
    .join(Partner, Partner.id == SyncLink.partner_id)
    .where(SyncRun.id == bindparam("run"))
    .with_for_update(of=SyncRun, key_share=True)
)  # fmt: skip
_COUNT = Query(
    update(SyncRun)
    .where(SyncRun.id == bindparam("run"))
    .values(streams=bindparam("counts"), steps_done=bindparam("steps"), tries=bindparam("tries_so_far"))
)


class _State(NamedTuple):
    """The run as its row tells it, and what its partner may have now."""

    status: str
    cancel_asked_at: datetime | None
    streams: dict[str, dict[str, int]]
    steps_done: list[str]
    tries: int
    partner_status: str
    granted_fields: list[str]


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
        self,
        stream: str,
        total: int | None = None,
        *,
        settles: bool = False,
        opened: AbstractContextManager[Transaction] | None = None,
    ) -> Iterator[tuple[Transaction, Tally]]:
        """One transaction of this run with its counters; raises Cancelled or LeaseLost, and then writes nothing.

        Raises SliceOver, too, where the partner was suspended or its agreement changed: another job goes on, or does
        not, by what holds now. What only settles calls already made is written whatever was asked for meanwhile.
        """
        self.lease.check()
        tally: Tally = Counter()
        with opened or open_page(self.caller) as tx:
            began = time.monotonic()
            self.lease.hold(tx)
            before = self._read(tx)
            if (before.cancel_asked_at or before.status not in ACTIVE) and not settles:
                raise Cancelled
            if not settles and self._is_outdated(before):
                raise SliceOver
            with bulk.planned_afresh(tx):
                yield tx, tally
            streams = counted(before.streams, stream, tally, total)
            tries = 0 if tally["read"] or tally["pushed"] else before.tries
            if (streams, tries) != (before.streams, before.tries):
                self._save(tx, streams, before.steps_done, tries)
            if time.monotonic() - began > LEASE_SECONDS / 4:
                self.lease.hold(tx)
        self.streams, self.tries = streams, tries
        count_records(self.link.name, stream, tally)

    def finish_step(self, step: str) -> None:
        """Remember that a step needs no repeating."""
        with transaction(self.caller, idle_seconds=LEASE_SECONDS) as tx:
            self.lease.hold(tx)
            before = self._read(tx)
            self._save(tx, before.streams, [*before.steps_done, step], before.tries)
        self.steps_done.append(step)

    def under(self, lease: Lease) -> Work:
        """The same work, done under the lease of a part of it."""
        part = replace(self, lease=lease, steps_done=list(self.steps_done))
        part.connector = self.connector
        return part

    def take_breath(self) -> None:
        """Raise SliceOver between two pages, or two calls, when this job's time is up or its process is to stop."""
        if _stopping.is_set() or time.monotonic() - self.began > SLICE_SECONDS:
            raise SliceOver

    def _is_outdated(self, state: _State) -> bool:
        return state.partner_status != "active" or frozenset(state.granted_fields) != self.link.granted_fields

    def _read(self, tx: Transaction) -> _State:
        row = tx.first(_STATE, run=self.lease.run_id)
        if row is None:
            raise LeaseLost(f"run {self.lease.run_id} is gone")
        return _State(*row)

    def _save(self, tx: Transaction, streams: dict[str, Any], steps: list[str], tries: int) -> None:
        tx.run(_COUNT, run=self.lease.run_id, counts=Jsonb(streams), steps=steps, tries_so_far=tries)


def open_page(caller: Caller) -> AbstractContextManager[Transaction]:
    """The transaction of a page."""
    return transaction(caller, statement_seconds=STATEMENT_SECONDS, idle_seconds=LEASE_SECONDS)


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
