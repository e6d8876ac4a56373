"""What can be done with long work: start it, look at it, ask it to end. Nothing here commits."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from gateway import audit
from gateway.channels import Caller, Channel
from gateway.db import Transaction, new_id, now
from gateway.errors import Conflict, NotFound
from gateway.longrunning import bell
from gateway.longrunning.kinds import kind_of, shown_to
from gateway.longrunning.models import ACTIVE, Operation

MOST_ACTIVE = 20


class TooManyOperations(Conflict):
    """One owner has as much long work under way as it may have."""

    code, title = "too_many_operations", f"{MOST_ACTIVE} operations are under way; wait for one or cancel it"


def start(tx: Transaction, kind: str, options: dict[str, Any], subject: UUID | None = None) -> Operation:
    """Ask for work of a registered kind in the caller's name; raises TooManyOperations.

    `options` are JSON-ready; `subject` is the record that it is about, for the audit trail.
    """
    owner = _owner(tx.caller)
    active = select(func.count()).select_from(Operation).filter_by(**owner).where(Operation.status.in_(ACTIVE))
    if (tx.session.scalar(active) or 0) >= MOST_ACTIVE:
        raise TooManyOperations
    operation = Operation(
        id=new_id(), kind=kind, **owner, started_by=tx.caller.actor, status="queued", options=options, cursor={},
        done=0, failed=0, tries=0, attempt=0, due_at=func.now(), created_at=now(),
    )  # fmt: skip
    tx.session.add(operation)
    tx.session.flush()
    audit.record(tx, "operation.started", "operation", operation.id, {"kind": kind, "subject": str(subject or "")})
    tx.after_commit(partial(bell.ring, kind_of(kind), operation.id))
    return operation


def get(tx: Transaction, operation_id: UUID) -> Operation:
    """One piece of work the caller may see; raises NotFound."""
    operation = tx.session.get(Operation, operation_id)
    if operation is None or not _is_shown(tx.caller, operation):
        raise NotFound
    return operation


def find(
    tx: Transaction, limit: int, before: UUID | None = None, kind: str | None = None, status: str | None = None
) -> list[Operation]:
    """What the caller may see, the newest first."""
    statement = select(Operation).order_by(Operation.id.desc()).limit(limit)
    if tx.caller.channel is not Channel.SYSTEM:
        statement = statement.where(Operation.kind.in_(shown_to(tx.caller.scopes)))
    for column, wanted in ((Operation.kind, kind), (Operation.status, status)):
        statement = statement if wanted is None else statement.where(column == wanted)
    return tx.scalars(statement if before is None else statement.where(Operation.id < before))


def cancel(tx: Transaction, operation_id: UUID) -> Operation:
    """Ask work to end: at once where nobody does it, else after the present step. A second time changes nothing.

    Raises NotFound.
    """
    operation = get(tx, operation_id)
    tx.session.refresh(operation, with_for_update=True)
    if operation.status in ACTIVE and operation.cancel_asked_at is None:
        operation.cancel_asked_at = now()
        if operation.leased_until is None:
            end(operation, "cancelled")
        audit.record(tx, "operation.cancelled", "operation", operation_id, {"kind": operation.kind})
    return operation


def end(operation: Operation, status: str, error: str | None = None) -> None:
    """Close a piece of work for good."""
    operation.status, operation.error = status, error
    operation.finished_at, operation.leased_until = now(), None


def _owner(caller: Caller) -> dict[str, Any]:
    channel = Channel.INTRANET if caller.channel is Channel.SYSTEM else caller.channel
    return {
        "channel": channel.value,
        "partner_id": caller.partner_id if channel is Channel.EXTRANET else None,
        "customer_id": caller.customer_id if channel is Channel.INTERNET else None,
    }


def _is_shown(caller: Caller, operation: Operation) -> bool:
    return caller.channel is Channel.SYSTEM or operation.kind in shown_to(caller.scopes)
