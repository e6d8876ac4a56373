"""Workers with a fault, each of a kind that the books are there to show."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import text

from gateway import outbox
from gateway.db import Query, Transaction, now
from gateway.outbox import StoredEvent
from gateway.webhooks.delivery import due, exchange, paces, settling
from gateway.webhooks.delivery.due import Claim
from gateway.webhooks.delivery.outcome import Outcome

_SHARE = 0.2
_PARTNERS = Query(text("SELECT id FROM partners"))
_take = outbox.take


def forgets_outcomes() -> None:
    """What was sent is not remembered now and then."""
    _put(settling, "settle", _now_and_then(settling.settle, lambda *_: None))


def believes_itself() -> None:
    """What was never sent is taken for delivered now and then."""
    _put(exchange, "attempt", _now_and_then(exchange.attempt, _as_if_delivered))


def ignores_order() -> None:
    """Endpoints that asked for order are sent to like any other."""
    _put(due, "_TAKE_IN_ORDER", due._TAKE)


def ignores_rates() -> None:
    """As much is sent as there is."""
    _put(paces, "draw", lambda _, shares: shares)


def ignores_shares() -> None:
    """Every partner could see every customer."""
    _put(outbox, "take", _for_everybody)


def skips_events() -> None:
    """An event that was read is passed over now and then."""
    _put(outbox, "take", _most_of_them)


MUTANTS = {
    each.__name__: each
    for each in (forgets_outcomes, believes_itself, ignores_order, ignores_rates, ignores_shares, skips_events)
}


def _put(owner: Any, name: str, instead: object) -> None:
    setattr(owner, name, instead)


def _now_and_then(work: Callable[..., Any], instead: Callable[..., Any]) -> Callable[..., Any]:
    chance = random.Random()
    return lambda *args: (instead if chance.random() < _SHARE else work)(*args)


def _as_if_delivered(claim: Claim, *_: Any) -> Outcome:
    return Outcome(claim, now(), "delivered", 204, None, 1, None)


def _for_everybody(tx: Transaction, reader: str, limit: int) -> list[StoredEvent]:
    partners = [row[0] for row in tx.rows(_PARTNERS)]
    return [replace(event, partners=partners) for event in _take(tx, reader, limit)]


def _most_of_them(tx: Transaction, reader: str, limit: int) -> list[StoredEvent]:
    return [event for event in _take(tx, reader, limit) if event.position % 5]
