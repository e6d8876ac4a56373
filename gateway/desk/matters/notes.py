"""What people add to a matter: a note, or an interaction that belongs to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from gateway.channels import Channel
from gateway.customers.search import identity_of
from gateway.db import Transaction, now
from gateway.desk.matters import entries, search, service
from gateway.desk.matters.models import Entry, Link, Matter
from gateway.desk.matters.states import NotFromHere, is_active
from gateway.desk.matters.telling import NOTE_TO_ALL, NOTE_TO_PARTNER
from gateway.errors import Conflict, refuse_field
from gateway.interactions import fields
from gateway.interactions import search as interactions
from gateway.interactions.models import Interaction
from schemas.interaction import Interaction as InteractionShape
from schemas.projection import columns_of

_TOLD = {"internal": "note", "partner": NOTE_TO_PARTNER, "shared": NOTE_TO_ALL}


class InAnotherMatter(Conflict):
    """An interaction belongs to one matter."""

    code, title = "in_another_matter", "This interaction belongs to another matter"


def add(tx: Transaction, matter_id: UUID, text: str, visibility: str) -> Entry:
    """Add a note; the customer's own opens what waits for them, or was solved. Raises NotFound, NotFromHere."""
    matter, moment = search.get(tx, matter_id, lock=True), now()
    if visibility == "shared" and matter.is_internal:
        raise refuse_field("/visibility", "internal", "The customer is not shown this matter.")
    changed = [_TOLD[visibility]]
    if tx.caller.channel is Channel.INTERNET:
        changed += _answered_by_customer(tx, matter, moment)
    elif visibility == "shared" and matter.first_responded_at is None:
        matter.first_responded_at = moment
        changed.append("first_responded_at")
    entry = entries.add(tx, matter, "note", visibility, moment, text)
    service.conclude(tx, matter, changed, moment)
    return entry


def link(tx: Transaction, matter_id: UUID, interaction_id: UUID) -> Matter:
    """Have an interaction belong to a matter, a second time too; raises NotFound, Invalid, InAnotherMatter."""
    matter = search.get(tx, matter_id, lock=True)
    spoken = tx.session.get(Interaction, interaction_id)
    if spoken is None or spoken.customer_id != matter.customer_id:
        raise refuse_field("/interaction_id", "unknown", "The customer of this matter has no such interaction.")
    known = tx.session.get(Link, interaction_id)
    if known is not None:
        if known.matter_id != matter_id:
            raise InAnotherMatter
        return matter
    moment = now()
    # The other matter may be one that the caller does not see, or of this very moment.
    tx.store(Link(interaction_id=interaction_id, matter_id=matter_id, added_at=moment), InAnotherMatter)
    changed = ["interactions"]
    if spoken.direction == "out" and matter.first_responded_at is None:
        matter.first_responded_at = moment
        changed.append("first_responded_at")
    said = {"interaction_id": str(interaction_id), "channel": spoken.channel}
    entries.add(tx, matter, "interaction", _seen_by(spoken, matter), moment, detail=said)
    service.conclude(tx, matter, changed, moment)
    return matter


def _seen_by(spoken: Interaction, matter: Matter) -> str:
    """Who may know of an interaction in a matter: what one partner kept to itself is not for another at work on it."""
    if spoken.visibility == "partner" and spoken.partner_id != matter.partner_id:
        return "internal"
    return min(spoken.visibility, entries.widest(matter), key=("internal", "partner", "shared").index)


def interactions_of(tx: Transaction, matter_id: UUID, most: int = 50) -> list[dict[str, Any]]:
    """The newest interactions of a matter that the caller may see, newest first; none without interactions:read."""
    if "interactions:read" not in tx.caller.scopes:
        return []
    channel = tx.caller.channel
    names = fields.visible_fields(channel)
    source, visible = interactions.visible_to(channel)
    table = Interaction.__table__
    belonging = table.c.id.in_(select(Link.interaction_id).where(Link.matter_id == matter_id))
    statement = (
        select(*(table.c[name] for name in columns_of(InteractionShape, names)))
        .select_from(source)
        .where(belonging, visible)
        .order_by(table.c.occurred_at.desc(), table.c.id.desc())
        .limit(most)
    )
    project = interactions.shown_as(channel, names)
    return [project(row) for row in tx.session.execute(statement, identity_of(tx.caller))]


def _answered_by_customer(tx: Transaction, matter: Matter, moment: datetime) -> list[str]:
    if matter.status == "closed":
        raise NotFromHere("This matter is closed; open another one.")
    if matter.status == "open":
        return []
    was_active = is_active(matter)
    service.move(tx, matter, "open", moment)
    return ["status"] if was_active else ["status", "solved_at", "reopened"]
