"""A range cut into parts, handed out to whoever is free; what is done stays done, in whatever order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, text

from gateway.db import Query, Transaction, new_id
from gateway.sync.lease import LEASE_SECONDS
from gateway.sync.repairs.models import SyncPart

MOST_PARTS = 8
_LEAST = timedelta(hours=1)

# Interactions wait for all the customers: what they are about has to be there first.
_CLAIM = Query(
    text(
        """
        UPDATE sync_parts SET attempt = attempt + 1, leased_until = now() + make_interval(secs => :seconds)
        WHERE id = (
            SELECT p.id FROM sync_parts p
            WHERE p.run_id = :run AND p.state = 'open' AND (p.leased_until IS NULL OR p.leased_until < now())
              AND (p.stream = 'customers' OR NOT EXISTS (
                  SELECT 1 FROM sync_parts c WHERE c.run_id = :run AND c.stream = 'customers' AND c.state = 'open'))
            ORDER BY p.stream, p.since LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING id, stream, since, until, cursor, attempt
        """
    )
)
_SAVE = Query(text("UPDATE sync_parts SET cursor = :cursor WHERE id = :id"))
_FINISH = Query(text("UPDATE sync_parts SET state = 'done', cursor = NULL, leased_until = NULL WHERE id = :id"))
_RELEASE = Query(text("UPDATE sync_parts SET leased_until = NULL WHERE id = :id AND attempt = :attempt"))
_LEFT = Query(text("SELECT count(*) FROM sync_parts WHERE run_id = :run AND state = 'open'"))


class Part(NamedTuple):
    """A part in somebody's hands."""

    id: UUID
    stream: str
    since: datetime
    until: datetime
    cursor: str | None
    attempt: int


def cut(since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """The range in spans of the same length: eight, or fewer that are at least an hour long."""
    count = max(1, min(MOST_PARTS, (until - since) // _LEAST))
    step = (until - since) / count
    edges = [since + step * number for number in range(count)] + [until]
    return list(pairwise(edges))


def make(tx: Transaction, run_id: UUID, streams: Iterable[str], since: datetime, until: datetime) -> int:
    """Cut the range for each stream, once for a run; answers how many parts that made."""
    if tx.session.scalar(select(SyncPart.id).where(SyncPart.run_id == run_id).limit(1)) is not None:
        return 0
    parts = [
        SyncPart(id=new_id(), run_id=run_id, stream=stream, since=begins, until=ends)
        for stream in streams
        for begins, ends in cut(since, until)
    ]
    tx.session.add_all(parts)
    return len(parts)


def claim(tx: Transaction, run_id: UUID) -> Part | None:
    """The next part that is open and in nobody's hands, for so long as a lease lasts."""
    row = tx.first(_CLAIM, run=run_id, seconds=LEASE_SECONDS)
    return Part(*row) if row else None


def save(tx: Transaction, part: Part, cursor: str | None) -> None:
    """Go on from here after a crash."""
    tx.run(_SAVE, id=part.id, cursor=cursor)


def finish(tx: Transaction, part: Part) -> None:
    """This part is read to its end."""
    tx.run(_FINISH, id=part.id)


def release(tx: Transaction, part: Part) -> None:
    """Let somebody else go on with it."""
    tx.run(_RELEASE, id=part.id, attempt=part.attempt)


def left(tx: Transaction, run_id: UUID) -> int:
    """How many parts are not done."""
    row = tx.first(_LEFT, run=run_id)
    return int(row[0]) if row else 0


def list_parts(tx: Transaction, run_id: UUID) -> list[SyncPart]:
    """Every part of a run, by stream and time."""
    return tx.scalars(select(SyncPart).where(SyncPart.run_id == run_id).order_by(SyncPart.stream, SyncPart.since))
