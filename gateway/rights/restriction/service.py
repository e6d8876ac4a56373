"""Restricting a customer, announcing that it will be lifted, lifting it. Nothing here commits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway import audit, outbox
from gateway.claims.referrals import service as referrals
from gateway.consent.rules import preferences
from gateway.customers import erasing, moves, restricted, search
from gateway.customers import service as customers
from gateway.customers.moves import Merging
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
# Whoever shares a customer meanwhile has committed, or waits and then sees what is in force.
_HOLD = Query(text("SELECT 1 FROM customers WHERE id = ANY(:ids) ORDER BY id FOR UPDATE"))
_IS_DUE = "lift_at <= :now AND lifted_at IS NULL"
_DUE = Query(text(f"SELECT DISTINCT customer_id FROM restrictions WHERE {_IS_DUE}"))  # noqa: S608  # our own text
_LIFT = Query(text(f"UPDATE restrictions SET lifted_at = :now WHERE {_IS_DUE} AND customer_id = ANY(:ids)"))  # noqa: S608
# To a partner that is shown the customer again it has changed just now: else whoever asks for changes would miss it.
_SHOW_AGAIN = Query(text("UPDATE shares SET updated_at = :now WHERE customer_id = :id"))
_PARTNERS = Query(text("SELECT partners_sharing(:id)"))
_CODES = Query(text("SELECT code FROM partners WHERE id = ANY(:ids) ORDER BY code"))


class Restrictions(moves.Rows):
    """A restriction holds for whoever the customer becomes part of, with the shares and offers of either."""

    def go(self, tx: Transaction, merging: Merging) -> Any:
        """Move restrictions; it comes after shares and offers."""
        kept = super().go(tx, merging)
        restricted.follow(tx, [merging.keep_id])
        if restricted.is_in_force(tx, merging.keep_id):
            referrals.withdraw_every(tx, merging.keep_id)
        return kept

    def back(self, tx: Transaction, merging: Merging, kept: Any) -> list[str]:
        """Give restrictions back."""
        stayed = super().back(tx, merging, kept)
        restricted.follow(tx, [merging.keep_id, merging.lose_id])
        return stayed


moves.register(Restrictions("restrictions"))
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
    """Restrict at once, take back offers, tell the partners that have the person, and end the case."""
    since = now()
    tx.rows(_HOLD, ids=[case.customer_id])
    referrals.withdraw_every(tx, case.customer_id)
    _set_contact(tx, case.customer_id, is_restricted=True)
    tx.run(_ADD, id=new_id(), customer_id=case.customer_id, case_id=case.id, since=since)
    restricted.follow(tx, [case.customer_id])
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
    """Lift those whose time has come, tell the partners and show them the customer anew; answers how many."""
    due = [row[0] for row in tx.rows(_DUE, now=moment)]
    tx.rows(_HOLD, ids=due)
    tx.run(_LIFT, now=moment, ids=due)
    restricted.follow(tx, due)
    lifted = [each for each in due if not restricted.is_in_force(tx, each)]  # else by what came with a merge
    for customer_id in lifted:
        _set_contact(tx, customer_id, is_restricted=False)
        for code in _tell(tx, customer_id, "restriction.lifted"):
            customers.tell_shared(tx, customer_id, code)
        tx.run(_SHOW_AGAIN, id=customer_id, now=moment)
        audit.record(tx, "restriction.lifted", "customer", customer_id)
    return len(lifted)


def _set_contact(tx: Transaction, customer_id: UUID, *, is_restricted: bool) -> None:
    version = preferences.of(tx, customer_id, lock=True).version
    preferences.change(tx, customer_id, {"is_restricted": is_restricted}, version)


def _tell(tx: Transaction, customer_id: UUID, event_type: str) -> list[str]:
    """Tell the person and the partners that have it (GDPR art. 19); answers the codes of those."""
    row, restriction = tx.first(_PARTNERS, id=customer_id), latest(tx, customer_id)
    partners = list(row[0]) if row else []
    record = {"customer_id": customer_id, **{name: restriction[name] for name in _TOLD}}
    event = outbox.Event(event_type, restriction["id"], customer_id, record, partners=partners, is_for_customer=True)
    outbox.record(tx, event)
    return [code for (code,) in tx.rows(_CODES, ids=partners)]


kinds.register(kinds.Kind("restriction", begin))
