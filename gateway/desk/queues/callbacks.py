"""Whether a customer may be called back then: asked of consent when it is planned, put off, and taken."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from gateway.consent.decisions import service as decisions
from gateway.consent.decisions.reasons import Reason
from gateway.consent.decisions.service import Decision
from gateway.db import Transaction
from gateway.desk.queues.models import Item
from gateway.errors import refuse_field

_BY_THE_CLOCK = frozenset({"quiet_hours", "cap_reached"})


def plan(tx: Transaction, asked: dict[str, Any], at: datetime, *, is_wished: bool, pointer: str) -> Decision:
    """The decision on a callback to `customer_id` through `channel` for `purpose`.

    Raises Invalid where it must not be. What the clock alone has against it gives way to the customer's own wish.
    """
    decision = decide(tx, asked, at)
    for reason in decision.reasons:
        if not (is_wished and reason.code in _BY_THE_CLOCK):
            raise refuse_field(pointer, reason.code, _sentence(reason, decision.earliest_at))
    return decision


def of_item(tx: Transaction, item: Item, at: datetime) -> Decision:
    """The decision on a callback that was planned, at another moment."""
    names = ("customer_id", "channel", "purpose", "contact_point")
    return decide(tx, {name: getattr(item, name) for name in names}, at)


def decide(tx: Transaction, asked: dict[str, Any], at: datetime) -> Decision:
    """What consent says of a callback; nothing is reserved."""
    point: UUID | None = asked.get("contact_point")
    question = {name: asked[name] for name in ("customer_id", "channel", "purpose")} | {"at": at, "reserve": False}
    return decisions.decide(tx, question | ({"contact_point": point} if point else {}))


def _sentence(reason: Reason, earliest_at: datetime | None) -> str:
    said = str(reason.as_json()["sentence"])
    return said if earliest_at is None else f"{said} From {earliest_at:%Y-%m-%dT%H:%M:%SZ} on it may be."
