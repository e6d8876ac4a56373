"""What can be done with cases: ask, look, start, refuse, complete. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import exc, select

from gateway import audit
from gateway.channels import Channel
from gateway.customers import search
from gateway.db import Transaction, new_id, now
from gateway.errors import Conflict
from gateway.rights.cases.kinds import kind_of
from gateway.rights.cases.models import OPEN, RightsCase, RightsStep

_ERASED = "Everything kept of this person was erased."


class AlreadyAsked(Conflict):
    """A case of this kind is open for the customer."""

    code, title = "already_asked", "A request of this kind is already open for this customer"


class CaseEnded(Conflict):
    """The case is not in a state that allows this."""

    code, title = "case_state", "The request has been started, answered or refused meanwhile"


def ask(
    tx: Transaction,
    customer_id: UUID,
    kind: str,
    days: int,
    note: str | None = None,
    wish: dict[str, Any] | None = None,
) -> RightsCase:
    """Open a case for a customer the caller may see, due in so many days.

    Raises NotFound, RecordMerged, Invalid, AlreadyAsked.
    """
    search.get(tx, customer_id, ("id",))
    checked = kind_of(kind).check(tx, customer_id, wish or {})
    channel = Channel.INTERNET if tx.caller.channel is Channel.INTERNET else Channel.INTRANET
    case = RightsCase(
        id=new_id(), kind=kind, customer_id=customer_id, channel=channel.value, asked_by=tx.caller.actor,
        status="received", note=note, wish=checked, due_at=now() + timedelta(days=days), created_at=now(), version=1,
    )  # fmt: skip
    tx.session.add(case)
    try:
        tx.session.flush()
    except exc.IntegrityError as twice:
        if isinstance(twice.orig, psycopg.errors.UniqueViolation):
            raise AlreadyAsked from None
        raise
    note_step(tx, case, "received")
    return case


def get(tx: Transaction, case_id: UUID, *, lock: bool = False) -> RightsCase:
    """One case the caller may see; raises NotFound."""
    return tx.get(RightsCase, case_id, lock=lock)


def find(
    tx: Transaction,
    limit: int,
    before: UUID | None = None,
    kind: str | None = None,
    status: str | None = None,
    customer_id: UUID | None = None,
    is_overdue: bool | None = None,
) -> list[RightsCase]:
    """The cases the caller may see, the newest first."""
    statement = select(RightsCase).order_by(RightsCase.id.desc()).limit(limit)
    for column, wanted in (
        (RightsCase.kind, kind), (RightsCase.status, status), (RightsCase.customer_id, customer_id),
    ):  # fmt: skip
        statement = statement if wanted is None else statement.where(column == wanted)
    if is_overdue is not None:
        late = RightsCase.ended_at.is_(None) & (RightsCase.due_at < now())
        statement = statement.where(late if is_overdue else ~late)
    return tx.scalars(statement if before is None else statement.where(RightsCase.id < before))


def steps_of(tx: Transaction, case_ids: Sequence[UUID]) -> dict[UUID, list[RightsStep]]:
    """What was done on each of these cases, in order."""
    found: dict[UUID, list[RightsStep]] = {case_id: [] for case_id in case_ids}
    for step in tx.scalars(select(RightsStep).where(RightsStep.case_id.in_(case_ids)).order_by(RightsStep.id)):
        found[step.case_id].append(step)
    return found


def start(tx: Transaction, case_id: UUID) -> RightsCase:
    """Begin the work of a case; raises NotFound, CaseEnded where that was done, and whatever its kind raises."""
    case = get(tx, case_id, lock=True)
    if case.status != "received":
        raise CaseEnded
    case.status, case.started_at, case.version = "in_progress", now(), case.version + 1
    note_step(tx, case, "started")
    kind_of(case.kind).begin(tx, case)
    return case


def refuse(tx: Transaction, case_id: UUID, reason: str) -> RightsCase:
    """Refuse a case before it was started, such as for a legal hold; raises NotFound, CaseEnded."""
    case = get(tx, case_id, lock=True)
    if case.status != "received":
        raise CaseEnded
    case.reason = reason
    _end(tx, case, "refused")
    return case


def complete(tx: Transaction, case: RightsCase, result: dict[str, Any] | None = None) -> None:
    """Close a case whose work is done; a second time changes nothing."""
    if case.status in OPEN:
        case.result = result
        _end(tx, case, "completed")


def end_others(tx: Transaction, case: RightsCase, customer_ids: Sequence[UUID]) -> None:
    """Refuse whatever else is open for a person whom a case erases: there is nobody left to do it for."""
    others = select(RightsCase).where(
        RightsCase.customer_id.in_(customer_ids), RightsCase.id != case.id, RightsCase.ended_at.is_(None)
    )
    for other in tx.scalars(others.order_by(RightsCase.id).with_for_update()):
        other.reason = _ERASED
        _end(tx, other, "refused")


def note_step(tx: Transaction, case: RightsCase, step: str) -> None:
    """Write down a step of a case, and in the audit trail."""
    tx.session.add(RightsStep(id=new_id(), case_id=case.id, at=now(), step=step, actor=tx.caller.actor))
    tx.session.flush()
    detail = {"kind": case.kind, "customer_id": str(case.customer_id)}
    audit.record(tx, f"rights.{step}", "rights_case", case.id, detail)


def is_overdue(case: RightsCase, moment: datetime) -> bool:
    """Whether the time to answer has passed."""
    return case.ended_at is None and case.due_at < moment


def _end(tx: Transaction, case: RightsCase, status: str) -> None:
    case.status, case.ended_at, case.version = status, now(), case.version + 1
    note_step(tx, case, status)
