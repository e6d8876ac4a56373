"""What workers do for long work: go on with it, find what was left lying, and forget what ended long ago."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, or_, select, text

from gateway import queue
from gateway.channels import Caller
from gateway.db import Query, Transaction, transaction
from gateway.longrunning import bell, work
from gateway.longrunning.kinds import kind_of, names
from gateway.longrunning.models import ACTIVE, Operation
from gateway.queue import Bell

_KEEP = timedelta(days=30)
_FORGET = Query(text("DELETE FROM operations WHERE finished_at < now() - CAST(:keep AS interval)"))

queue.stopper(work.stop_soon)


def go_on(operation_id: str) -> None:
    """Take one piece of work a turn further."""
    work.work_on(UUID(operation_id))


@queue.sweeper
def due_operations(tx: Transaction) -> Iterator[Bell]:
    """A bell for all work that is due and in nobody's hands, or whose worker is gone; not of a kind unknown here."""
    is_free = or_(Operation.leased_until.is_(None), Operation.leased_until < func.now())
    due = Operation.status.in_(ACTIVE), Operation.due_at <= func.now(), is_free, Operation.kind.in_(names())
    for operation_id, kind in tx.session.execute(select(Operation.id, Operation.kind).where(*due)):
        yield bell.bell_of(kind_of(kind), operation_id)


@queue.chore(every_seconds=3600)
def forget_old_operations() -> None:
    """Remove what ended 30 days ago."""
    with transaction(Caller.system("operations"), statement_seconds=60) as tx:
        tx.run(_FORGET, keep=_KEEP)
