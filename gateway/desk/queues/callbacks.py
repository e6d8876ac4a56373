"""Whether a customer may be called back then: asked of consent when it is planned, put off, and taken.

It is planned for an hour at which somebody is there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from gateway.consent.decisions import service as decisions
from gateway.consent.decisions.reasons import Reason
from gateway.consent.decisions.service import Decision
from gateway.db import Transaction
from gateway.desk.queues.models import Item
from gateway.desk.queues.opening_hours import OpeningHours
from gateway.errors import refuse_field

_BY_THE_CLOCK = frozenset({"quiet_hours", "cap_reached"})
_CLOSED = ("closed", "The queue is closed.")
_MOST_STEPS = 10


def plan(
    tx: Transaction, asked: dict[str, Any], at: datetime, opening: OpeningHours, *, is_wished: bool, pointer: str
) -> Decision:
    """The decision on a callback to `customer_id` through `channel` for `purpose`.

    Raises Invalid where it must not be, or nobody is there to make it. What the clock alone has against it gives way
    to the customer's own wish.
    """
    decision = decide(tx, asked, at)
    hindrance = _hindrance(decision, is_wished=is_wished)
    if hindrance is None and opening.opens(at) == at:
        return decision
    code, said = _CLOSED if hindrance is None else (hindrance.code, hindrance.as_json()["sentence"])
    first = _first_moment(tx, asked, at, opening, is_wished=is_wished)
    later = "" if first is None else f" From {first:%Y-%m-%dT%H:%M:%SZ} on it may be."
    raise refuse_field(pointer, code, f"{said}{later}")


def of_item(tx: Transaction, item: Item, at: datetime) -> Decision:
    """The decision on a callback that was planned, at another moment."""
    names = ("customer_id", "channel", "purpose", "contact_point")
    return decide(tx, {name: getattr(item, name) for name in names}, at)


def decide(tx: Transaction, asked: dict[str, Any], at: datetime) -> Decision:
    """What consent says of a callback; nothing is reserved."""
    point: UUID | None = asked.get("contact_point")
    question = {name: asked[name] for name in ("customer_id", "channel", "purpose")} | {"at": at, "reserve": False}
    return decisions.decide(tx, question | ({"contact_point": point} if point else {}))


def _hindrance(decision: Decision, *, is_wished: bool) -> Reason | None:
    return next((each for each in decision.reasons if not (is_wished and each.code in _BY_THE_CLOCK)), None)


def _first_moment(
    tx: Transaction, asked: dict[str, Any], at: datetime, opening: OpeningHours, *, is_wished: bool
) -> datetime | None:
    """The first moment from this one on at which somebody is there and nothing hinders; None where none is near."""
    for _ in range(_MOST_STEPS):
        at = opening.opens(at)
        decision = decide(tx, asked, at)
        if _hindrance(decision, is_wished=is_wished) is None:
            return at
        if decision.earliest_at is None:
            return None
        at = decision.earliest_at
    return None
