"""Reading a range of time again: in parts, by as many workers as are free, without moving the link's own cursor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from connectors.base import ExpiredCursor, NotNow, Page
from gateway.db import transaction
from gateway.queue import SYNC, ring
from gateway.sync import calls
from gateway.sync.lease import Lease
from gateway.sync.quarantine import limit
from gateway.sync.repairs import parts
from gateway.sync.repairs.models import SyncPart
from gateway.sync.repairs.parts import Part
from gateway.sync.streams import STREAMS
from gateway.sync.take import follow_deletions, take
from gateway.sync.work import Work

HELP_JOB = "gateway.sync.repairs.jobs.help_with"
_MOST_HELPERS = 3
_LOOK_AGAIN_SECONDS = 2.0


def read_range(work: Work) -> None:
    """Bring in what changed in the run's range; raises NotNow while others still read the last parts."""
    run_id = work.lease.run_id
    since, until = (datetime.fromisoformat(work.options[edge]) for edge in ("since", "until"))
    with transaction(work.caller) as tx:
        work.lease.hold(tx)
        made = parts.make(tx, run_id, work.options["streams"], since, until)
        for seat in range(min(made - 1, _MOST_HELPERS)):
            tx.after_commit(partial(ring, SYNC, HELP_JOB, run_id, seat))
    read_parts(work)
    with transaction(work.caller) as tx:
        if left := parts.left(tx, run_id):
            raise NotNow(f"Other workers are reading the last {left} parts.", retry_after=_LOOK_AGAIN_SECONDS)


def read_parts(work: Work) -> None:
    """Read part after part, until none is free."""
    while True:
        with transaction(work.caller) as tx:
            part = parts.claim(tx, work.lease.run_id)
        if part is None:
            return
        try:
            with Lease(work.lease.run_id, part.attempt, SyncPart, part.id) as lease:
                _read(work.under(lease), part)
        except BaseException:
            with transaction(work.caller) as tx:
                parts.release(tx, part)
            raise
        work.take_breath()


def _read(work: Work, part: Part) -> None:
    for number, page in enumerate(_pages(work, part)):
        if number:
            work.take_breath()
        # Pages of several parts are fetched side by side and committed one after the other: `page` locks the run.
        with work.page(part.stream) as (tx, tally):
            tally["read"] += len(page.records)
            take(tx, work.link, STREAMS[part.stream], page.records, tally)
            follow_deletions(tx, work.link, STREAMS[part.stream], page.deleted, tally)
            parts.save(tx, part, page.cursor)
        limit.check(work, part.stream)
    with work.page(part.stream) as (tx, _):
        parts.finish(tx, part)


def _pages(work: Work, part: Part) -> Iterator[Page]:
    def pages(cursor: str | None) -> Iterator[Page]:
        return calls.pages(lambda: work.connector.pull_range(part.stream, part.since, part.until, cursor))

    try:
        yield from pages(part.cursor)
    except ExpiredCursor:
        if part.cursor is None:
            raise
        yield from pages(None)
