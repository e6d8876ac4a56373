"""What was said of a matter and done with it, each for those who may read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_

from gateway.channels import Caller, Channel
from gateway.db import Transaction
from gateway.desk.matters.models import Entry, Matter
from schemas.matter import MatterEntry

READ_BY = {Channel.INTERNET: ("shared",), Channel.EXTRANET: ("partner", "shared")}
_NAMES = tuple(MatterEntry._declared_fields)


def add(
    tx: Transaction,
    matter: Matter,
    kind: str,
    visibility: str,
    moment: datetime,
    text: str | None = None,
    detail: dict[str, Any] | None = None,
) -> Entry:
    """Keep what was said or done."""
    entry = Entry(matter_id=matter.id, at=moment, kind=kind, visibility=visibility, text=text, detail=detail or {})
    entry.actor, entry.partner = tx.caller.actor, tx.caller.partner or None
    tx.session.add(entry)
    tx.session.flush()
    return entry


def widest(matter: Matter) -> str:
    """Who may read what concerns everybody: the customer too, unless the matter is kept from them."""
    return "partner" if matter.is_internal else "shared"


def find(tx: Transaction, matter_id: UUID, after: Sequence[Any] | None, limit: int) -> list[Entry]:
    """What the caller may read of a matter that they may see, newest first."""
    statement = select(Entry).where(Entry.matter_id == matter_id)
    if tx.caller.channel in READ_BY:
        statement = statement.where(Entry.visibility.in_(READ_BY[tx.caller.channel]))
    if after is not None:
        statement = statement.where(tuple_(Entry.at, Entry.id) < tuple_(*after))
    return tx.scalars(statement.order_by(Entry.at.desc(), Entry.id.desc()).limit(limit))


def shown(entry: Entry, caller: Caller) -> dict[str, Any]:
    """An entry in its wire form; outside nobody learns who of the house it was."""
    form = {name: getattr(entry, name) for name in _NAMES}
    return form if caller.sees_everything else form | {"actor": None}
