"""Restricting a customer, announcing that it will be lifted, lifting it. Nothing here commits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway import audit, outbox
from gateway.consent.rules import preferences
from gateway.customers import erasing, moves, search
from gateway.customers.telling import Rows, register
from gateway.db import Query, Transaction, new_id, now
from gateway.errors import NotFound, refuse_field
from gateway.rights.cases import kinds
from gateway.rights.cases import service as cases
from gateway.rights.cases.models import RightsCase

# GDPR art. 18(3): the person is told before it is lifted.
NOTICE = timedelta(days=3)
_NAMES = ("id", "case_id", "since", "lift_at", "lift_reason", "told_at", "lifted_at")
_TOLD = ("id", "since", "lift_at", "lifted_at")
_COLUMNS = ", ".join(_NAMES)
_ADD = Query(
    text("INSERT INTO restrictions (id, customer_id, case_id, since) VALUES (:id, :customer_id, :case_id, :since)")
)
_LATEST = Query(
    text(f"SELECT {_COLUMNS} FROM restrictions WHERE customer_id = :id ORDER BY since DESC LIMIT 1")  # noqa: S608
)
_ANNOUNCE = Query(
    text(
        """
        UPDATE restrictions SET lift_at = :at, lift_reason = :reason, told_at = :now
        WHERE customer_id = :id AND lifted_at IS NULL
        """
    )
)
_LIFT = Query(
    text("UPDATE restrictions SET lifted_at = :now WHERE lift_at <= :now AND lifted_at IS NULL RETURNING customer_id")
)
_PARTNERS = Query(text("SELECT partners_sharing(:id)"))
_CODES = Query(text("SELECT code FROM partners WHERE id = ANY(:ids) ORDER BY code"))

moves.register(moves.Rows("restrictions"))
erasing.register(erasing.Rows("restrictions"))
register(
    Rows(
        "restrictions",
        "Restrictions of processing",
        "İşlemenin kısıtlanması",
        frozenset({"restrictions"}),
        f"SELECT {_COLUMNS} FROM restrictions r WHERE r.customer_id = ANY(:ids) ORDER BY r.since",  # noqa: S608
    )
)


def begin(tx: Transaction, case: RightsCase) -> None:
    """Restrict at once, tell the partners that have the person, and end the case."""
    since = now()
    _set_contact(tx, case.customer_id, is_restricted=True)
    tx.run(_ADD, id=new_id(), customer_id=case.customer_id, case_id=case.id, since=since)
    told = _tell(tx, case.customer_id, "restriction.began")
    cases.complete(tx, case, {"since": since.isoformat(), "passed_on_to": told})


def latest(tx: Transaction, customer_id: UUID) -> dict[str, Any]:
    """The restriction in force, or the one before; raises NotFound where there never was one."""
    row = tx.first(_LATEST, id=customer_id)
    if row is None:
        raise NotFound
    return dict(zip(_NAMES, row, strict=True))


def announce(tx: Transaction, customer_id: UUID, reason: str, at: datetime) -> dict[str, Any]:
    """Say that and why it will be lifted; the person sees it from now on. Raises NotFound, Invalid for too soon."""
    search.get(tx, customer_id, ("id",))
    moment = now()
    if at < moment + NOTICE:
        raise refuse_field("/at", "too_soon", f"At least {NOTICE.days} days from now: the customer is told before.")
    if not tx.run(_ANNOUNCE, id=customer_id, at=at, reason=reason, now=moment):
        raise NotFound
    _tell(tx, customer_id, "restriction.lifting_announced")
    audit.record(tx, "restriction.lifting_announced", "customer", customer_id)
    return latest(tx, customer_id)


def lift_due(tx: Transaction, moment: datetime) -> int:
    """Lift those whose time has come, and tell the partners; answers how many."""
    due = [row[0] for row in tx.rows(_LIFT, now=moment)]
    for customer_id in due:
        _set_contact(tx, customer_id, is_restricted=False)
        _tell(tx, customer_id, "restriction.lifted")
        audit.record(tx, "restriction.lifted", "customer", customer_id)
    return len(due)


def _set_contact(tx: Transaction, customer_id: UUID, *, is_restricted: bool) -> None:
    version = preferences.of(tx, customer_id, lock=True).version
    preferences.change(tx, customer_id, {"restricted": is_restricted}, version)


def _tell(tx: Transaction, customer_id: UUID, event_type: str) -> list[str]:
    """Tell the person and the partners that have it (GDPR art. 19); answers the codes of those."""
    row, restriction = tx.first(_PARTNERS, id=customer_id), latest(tx, customer_id)
    partners = list(row[0]) if row else []
    record = {"customer_id": customer_id, **{name: restriction[name] for name in _TOLD}}
    event = outbox.Event(event_type, restriction["id"], customer_id, record, partners=partners, is_for_customer=True)
    outbox.record(tx, event)
    return [code for (code,) in tx.rows(_CODES, ids=partners)]


RESTRICTION = kinds.register(kinds.Kind("restriction", begin))
