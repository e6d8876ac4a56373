"""Logging a contact: the interaction, what it was about, the work it did, what comes next. All or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.consent.statements.models import Statement
from gateway.customers import contact as contact_points
from gateway.customers import keys, search
from gateway.db import Query, Transaction, now
from gateway.desk.contacts import dispositions, effects
from gateway.desk.contacts.models import Disposition
from gateway.desk.matters import notes
from gateway.desk.matters import service as matters
from gateway.desk.matters.models import Matter
from gateway.desk.queues import handling, items
from gateway.desk.queues.models import Item
from gateway.errors import InsufficientScope, refuse_field
from gateway.interactions import service as interactions

_HAVING = Query(text("SELECT DISTINCT customer_id FROM customer_keys WHERE key = :key LIMIT 2"))
# What a part of a contact does is asked for like the same thing done by itself.
_SCOPES = {
    "matter": "matters:write",
    "matter_id": "matters:write",
    "item_id": "queues:work",
    "follow_up": "queues:work",
    "do_not_contact": "consents:write",
}
_SCOPE_OF_EFFECT = {"wrong_number": "customers:write", "do_not_contact": "consents:write"}


@dataclass(frozen=True, slots=True)
class Logged:
    """A contact that was logged, and all that followed from it."""

    customer_id: UUID
    interaction: dict[str, Any]
    matter: Matter | None
    statement: Statement | None
    ended_contact_point: UUID | None
    item: Item | None
    follow_up: Item | None


def log_contact(tx: Transaction, said: dict[str, Any]) -> Logged:
    """Log a loaded `ContactInput`; raises Invalid, NotFound, InsufficientScope, and whatever its parts raise."""
    disposition, moment = dispositions.named(tx, said["disposition"]), now()
    _check_scopes(tx, said, disposition)
    _check_callback(said, disposition)
    customer_id = said.get("customer_id") or _customer_with(tx, said["phone"])
    customer = search.get(tx, customer_id, ("id", "contact_points"))
    point = said.get("contact_point") or _point_with(customer, said.get("phone"))
    interaction = interactions.create(tx, _interaction(tx, said, customer_id, moment))
    matter = _matter(tx, said, customer_id, interaction["id"])
    return Logged(
        customer_id=customer_id,
        interaction=interaction,
        matter=matter,
        # Their word and the wrong number come first, so that no callback is planned against them.
        statement=_refusal(tx, said, disposition, interaction),
        ended_contact_point=_wrong_point(tx, customer_id, point, disposition, moment),
        item=_done(tx, said, disposition, moment),
        follow_up=_follow_up(tx, said, customer_id, matter),
    )


def _check_scopes(tx: Transaction, said: dict[str, Any], disposition: Disposition) -> None:
    needed = {scope for part, scope in _SCOPES.items() if part in said}
    needed |= {"customers:read"} if said.get("customer_id") is None else set()
    needed |= {_SCOPE_OF_EFFECT[disposition.effect]} if disposition.effect in _SCOPE_OF_EFFECT else set()
    if missing := sorted(needed - tx.caller.scopes):
        challenge = f'Bearer error="insufficient_scope", scope="{" ".join(missing)}"'
        message = f"What this contact leads to needs {' and '.join(missing)} too."
        raise InsufficientScope(message, headers={"WWW-Authenticate": challenge})


def _check_callback(said: dict[str, Any], disposition: Disposition) -> None:
    planned = said.get("follow_up")
    if disposition.effect == "callback" and (planned is None or planned["kind"] != "callback"):
        raise refuse_field("/follow_up", "required", "Plan the callback that the customer asked for.")


def _customer_with(tx: Transaction, phone: str) -> UUID:
    try:
        key = keys.phone_key(contact_points.phone(phone))
    except ValueError as wrong:
        raise refuse_field("/phone", "invalid", str(wrong)) from None
    having = [row[0] for row in tx.rows(_HAVING, key=key)]
    if len(having) != 1:
        code, message = ("several", "Several have this number") if having else ("unknown", "Nobody has this number")
        raise refuse_field("/phone", code, f"{message}: say customer_id.")
    return UUID(str(having[0]))


def _point_with(customer: dict[str, Any], phone: str | None) -> UUID | None:
    if phone is None:
        return None
    number = contact_points.phone(phone)
    return next((UUID(str(each["id"])) for each in customer["contact_points"] if each["value"] == number), None)


def _interaction(tx: Transaction, said: dict[str, Any], customer_id: UUID, moment: datetime) -> dict[str, Any]:
    started, ended = said.get("started_at", moment), said["ended_at"]
    about: dict[str, Any] = {"service_point": said["service_point"], "disposition": said["disposition"]}
    if ended is not None:
        about["duration_seconds"] = max(0, int((ended - started).total_seconds()))
    same = {name: said[name] for name in ("channel", "direction", "kind", "subject", "satisfaction", "visibility")}
    return same | {
        "customer_id": customer_id,
        "occurred_at": started,
        "body": said["notes"],
        "outcome": said["disposition"],
        "agent": tx.caller.username or said.get("agent"),
        "attributes": about,
    }


def _matter(tx: Transaction, said: dict[str, Any], customer_id: UUID, interaction_id: UUID) -> Matter | None:
    matter_id = said.get("matter_id")
    if "matter" in said:
        whose = {"customer_id": customer_id, "service_point": said["service_point"]}
        matter_id = matters.open_matter(tx, said["matter"] | whose).id
    return None if matter_id is None else notes.link(tx, matter_id, interaction_id)


def _refusal(
    tx: Transaction, said: dict[str, Any], disposition: Disposition, interaction: dict[str, Any]
) -> Statement | None:
    if "do_not_contact" not in said and disposition.effect != "do_not_contact":
        return None
    return effects.refuse_contact(tx, said, interaction["customer_id"], interaction["id"], interaction["occurred_at"])


def _wrong_point(
    tx: Transaction, customer_id: UUID, point: UUID | None, disposition: Disposition, moment: datetime
) -> UUID | None:
    if disposition.effect != "wrong_number" or point is None:
        return None
    effects.end_contact_point(tx, customer_id, point, moment)
    return point


def _done(tx: Transaction, said: dict[str, Any], disposition: Disposition, moment: datetime) -> Item | None:
    if "item_id" not in said:
        return None
    return handling.complete(tx, said["item_id"], disposition.code, said["notes"], moment)


def _follow_up(tx: Transaction, said: dict[str, Any], customer_id: UUID, matter: Matter | None) -> Item | None:
    if "follow_up" not in said:
        return None
    work = said["follow_up"] | {"customer_id": customer_id, "matter_id": matter.id if matter else None}
    return items.add(tx, work["queue_id"], work, below="/follow_up")
