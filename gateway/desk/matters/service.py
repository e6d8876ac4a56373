"""Opening matters and changing them. Nothing here commits."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from gateway import audit
from gateway.channels import Channel
from gateway.customers import erasing, moves
from gateway.customers import search as customers
from gateway.db import Query, Transaction, new_id, now
from gateway.desk.matters import deadlines, entries, queueing, search, states
from gateway.desk.matters.models import Matter
from gateway.desk.matters.telling import tell
from gateway.desk.queues import service as queues
from gateway.desk.queues.items import person
from gateway.errors import PreconditionFailed, Unavailable, refuse_field
from gateway.partners import service as partners
from schemas.queue import PRIORITIES

_SHARES = Query(text("SELECT :partner_id = ANY(partners_sharing(:id))"))
_PLAN: dict[str, Any] = {"priority": "normal", "owner": None, "queue_id": None, "partner": None, "internal": False}
_SAME = ("customer_id", "subject", "description", "kind", "service_point", "queue_id")
_TRIES = 3


def open_matter(tx: Transaction, data: dict[str, Any]) -> Matter:
    """Open a matter of a loaded input; a partner's is its own to work on. Raises NotFound, RecordMerged, Invalid."""
    customers.get(tx, data["customer_id"], ("id",))
    said, moment = _PLAN | data, now()
    values = {name: said[name] for name in _SAME} | _in_columns(tx, said, data["customer_id"])
    by = deadlines.of(values["priority"], moment, queues.opening_of(tx, values["queue_id"]))
    values |= {"first_response_due_at": by.first_response_due_at, "due_at": said.get("due_at") or by.due_at}
    if values["queue_id"] is not None:
        queues.named(tx, values["queue_id"])
    matter = _insert(tx, values | {"status": "open", "opened_by": tx.caller.actor, "opened_at": moment}, moment)
    entries.add(tx, matter, "opened", entries.widest(matter), moment)
    queueing.put_in(tx, matter)
    tell(tx, "matter.opened", matter)
    audit.record(tx, "matter.opened", "customer", matter.customer_id, {"matter": matter.number})
    return matter


def change(tx: Transaction, matter_id: UUID, patch: dict[str, Any], expected_version: int) -> Matter:
    """Apply a loaded merge patch; raises NotFound, PreconditionFailed, NotFromHere, Invalid."""
    matter = search.get(tx, matter_id, lock=True)
    if matter.version != expected_version:
        raise PreconditionFailed
    if patch.get("queue_id") is not None:
        queues.named(tx, patch["queue_id"])
    moment, before = now(), _state(matter)
    _write(tx, matter, _in_columns(tx, patch, matter.customer_id), moment)
    written = _changed_since(before, matter)
    if patch.get("status", matter.status) != matter.status:
        move(tx, matter, patch["status"], moment)
    if written:  # what follows from a status stands with it, where a partner that moves it may write
        entries.add(tx, matter, "change", "internal", moment, detail={"fields": written})
    if changed := _changed_since(before, matter):
        queueing.follow(tx, matter, changed)
        conclude(tx, matter, changed, moment)
    return matter


def move(tx: Transaction, matter: Matter, status: str, moment: datetime) -> None:
    """Give a locked matter another status, and keep when; raises NotFromHere."""
    before = matter.status
    is_reopened = states.move(matter, status, moment, queues.opening_of(tx, matter.queue_id))
    said = {"from": before, "to": status, "reopened": is_reopened}
    entries.add(tx, matter, "status", entries.widest(matter), moment, detail=said)


def conclude(tx: Transaction, matter: Matter, changed: list[str], moment: datetime) -> None:
    """Take a changed matter one version up, and tell those whom the changed fields concern."""
    matter.version += 1
    matter.updated_at = moment
    tx.session.flush()
    is_closed = "status" in changed and matter.status == "closed"
    tell(tx, "matter.closed" if is_closed else "matter.changed", matter, () if is_closed else changed)
    audit.record(tx, "matter.changed", "customer", matter.customer_id, {"matter": matter.number, "fields": changed})


def _changed_since(before: dict[str, Any], matter: Matter) -> list[str]:
    return [name for name, value in _state(matter).items() if before[name] != value]


def _state(matter: Matter) -> dict[str, Any]:
    return search.shown(matter, Channel.INTRANET)


def _write(tx: Transaction, matter: Matter, values: dict[str, Any], moment: datetime) -> None:
    if values.get("queue_id", matter.queue_id) != matter.queue_id:
        queueing.change_queue(tx, matter, values["queue_id"], moment)
    priority = values.get("priority", matter.priority)
    if priority < matter.priority:  # more urgent: its time is shorter, never longer
        by = deadlines.of(priority, matter.opened_at, queues.opening_of(tx, matter.queue_id))
        matter.first_response_due_at = min(matter.first_response_due_at, by.first_response_due_at)
        matter.due_at = min(matter.due_at, max(by.due_at, moment))
    for name, value in values.items():
        setattr(matter, name, value)


def _in_columns(tx: Transaction, said: dict[str, Any], customer_id: UUID) -> dict[str, Any]:
    """The fields of a loaded body that stand in columns, but for the status, which moves."""
    plain = ("subject", "description", "kind", "queue_id", "due_at")
    values = {name: said[name] for name in plain if name in said}
    if "priority" in said:
        values["priority"] = PRIORITIES.index(said["priority"])
    if "owner" in said:
        values["owner"] = person(tx, said["owner"], "/owner")
    if "internal" in said:
        values["is_internal"] = said["internal"]
    if "partner" in said:
        values |= _partner(tx, said["partner"], customer_id)
    return values


def _partner(tx: Transaction, code: str | None, customer_id: UUID) -> dict[str, Any]:
    """The partner that works on a matter: in its own call itself, else one that the customer is shared with."""
    if tx.caller.channel is Channel.EXTRANET:
        return {"partner_id": tx.caller.partner_id, "partner": tx.caller.partner}
    if code is None:
        return {"partner_id": None, "partner": None}
    partner = partners.find(tx, code)
    shares = tx.first(_SHARES, partner_id=partner.id, id=customer_id) if partner else None
    if partner is None or shares is None or not shares[0]:
        raise refuse_field("/partner", "unknown", "The customer is not shared with a partner of this code.")
    return {"partner_id": partner.id, "partner": partner.code}


def _insert(tx: Transaction, values: dict[str, Any], moment: datetime) -> Matter:
    """Store a new matter under a number that tells nothing of how many there are."""
    for _ in range(_TRIES):
        row = values | {"id": new_id(), "number": f"{secrets.randbelow(10**12):012d}"}
        row |= {"reopened": 0, "version": 1, "updated_at": moment}
        if tx.session.execute(insert(Matter).values(**row).on_conflict_do_nothing()).rowcount:  # type: ignore[attr-defined]
            return tx.session.get_one(Matter, row["id"])
    raise Unavailable


moves.register(moves.Rows("matters", is_versioned=True))
erasing.register(
    erasing.Statements(
        "matters",
        {"matters", "matter_entries", "matter_interactions"},
        "SELECT count(*) FROM matters WHERE customer_id = ANY(:ids)",
        "DELETE FROM matters WHERE customer_id = ANY(:ids)",  # what was said of them goes with them
    )
)
