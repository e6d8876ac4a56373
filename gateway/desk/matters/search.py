"""Reading matters: rows by who asks, columns by their channel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema
from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true, tuple_

from gateway.channels import Caller, Channel
from gateway.customers.models import Share
from gateway.db import Transaction, now
from gateway.desk.matters.models import Matter
from gateway.desk.matters.states import ACTIVE
from gateway.errors import NotFound
from schemas import matter as shapes
from schemas.queue import PRIORITIES

SHOWN: dict[Channel, type[Schema]] = {
    Channel.INTERNET: shapes.PublicMatter,
    Channel.EXTRANET: shapes.PartnerMatter,
    Channel.INTRANET: shapes.Matter,
    Channel.SYSTEM: shapes.Matter,
}
_EQUAL = ("number", "customer_id", "status", "kind", "owner", "queue_id", "partner")
_OTHERWISE: dict[str, Callable[[Matter], Any]] = {
    "priority": lambda matter: PRIORITIES[matter.priority],
    "internal": lambda matter: matter.is_internal,
}


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """The condition on the matters that a caller may see; row-level security says the same once more."""
    if caller.channel is Channel.EXTRANET:
        shared = exists().where(Share.customer_id == Matter.customer_id, Share.partner_id == caller.partner_id)
        return and_(Matter.partner_id == caller.partner_id, shared)
    if caller.channel is Channel.INTERNET:
        return and_(Matter.customer_id == caller.customer_id, Matter.is_internal.is_(False))
    return true() if caller.sees_everything else false()


def get(tx: Transaction, matter_id: UUID, *, lock: bool = False) -> Matter:
    """One matter; raises NotFound, also for one that the caller may not see."""
    statement = select(Matter).where(Matter.id == matter_id, visible_to(tx.caller))
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    matter: Matter | None = tx.session.scalar(statement)
    if matter is None:
        raise NotFound
    return matter


def find(tx: Transaction, filters: dict[str, Any], after: Sequence[Any] | None, limit: int) -> list[Matter]:
    """The matters that the caller may see, what changed last first."""
    same = {name: filters[name] for name in _EQUAL if name in filters}
    statement = select(Matter).filter_by(**same).where(visible_to(tx.caller))
    if filters.get("late"):
        statement = statement.where(is_late(now()))
    if after is not None:
        statement = statement.where(tuple_(Matter.updated_at, Matter.id) < tuple_(*after))
    return tx.scalars(statement.order_by(Matter.updated_at.desc(), Matter.id.desc()).limit(limit))


def is_late(moment: datetime) -> ColumnElement[bool]:
    """Whether a matter has missed a deadline; while it waits for the customer it misses none."""
    unanswered = and_(Matter.first_responded_at.is_(None), Matter.first_response_due_at < moment)
    return and_(Matter.status == ACTIVE[0], or_(Matter.due_at < moment, unanswered))


def shown(matter: Matter, channel: Channel) -> dict[str, Any]:
    """A matter as a channel sees it."""
    return {name: _value(matter, name) for name in SHOWN[channel]._declared_fields}


def _value(matter: Matter, name: str) -> Any:
    return _OTHERWISE[name](matter) if name in _OTHERWISE else getattr(matter, name)
