"""Who is told of a merge, and what: a partner hears of the id it knew, never that there was another record."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway import bulk
from gateway.customers.bulk import wire_form
from gateway.db import Query, Transaction
from gateway.interactions import bulk as interactions
from gateway.interactions.service import wire_form as interaction_form
from gateway.outbox import Event

Row = dict[str, Any]
_SHARED = Query(text("SELECT id FROM interactions WHERE customer_id = :id AND visibility = 'shared' ORDER BY id"))


def shared_interactions(tx: Transaction, customer_id: UUID) -> list[UUID]:
    """The interactions of a customer that every partner sees with whom it is shared."""
    return [row[0] for row in tx.rows(_SHARED, id=customer_id)]


def merged(
    tx: Transaction,
    survivor: Row,
    lost_id: UUID,
    of_lost: Collection[UUID],
    of_kept: Iterable[UUID],
    changed: Iterable[str],
    changed_of_kept: list[str],
) -> None:
    """Tell those that saw the lost one that it goes on under another id, and the others what changed of theirs."""
    record = wire_form(survivor)
    told, names = record | {"merged_id": lost_id}, ["id", *changed]
    events = [Event("customer.merged", survivor["id"], survivor["id"], told, names, list(of_lost))]
    others = [each for each in of_kept if each not in of_lost]
    if changed_of_kept:
        events.append(_updated(survivor, others, changed_of_kept))
    bulk.record_events(tx, events)


def newly_seen(tx: Transaction, interaction_ids: list[UUID], partners: list[UUID]) -> None:
    """Tell partners of the interactions that came with the lost one and that they did not see before."""
    if partners and interaction_ids:
        rows = interactions.fetch(tx, interaction_ids, lock=False).values()
        bulk.record_events(tx, [_moved(row, partners) for row in rows])


def unmerged(
    tx: Transaction, kept: Row, restored: Row, of_kept: Collection[UUID], of_lost: list[UUID], changed: list[str]
) -> None:
    """Tell those that see the restored one of it, and those that see the survivor what changed of that."""
    record = wire_form(restored) | {"unmerged_from": kept["id"]}
    events = [Event("customer.unmerged", restored["id"], restored["id"], record, (), of_lost)]
    if changed:
        events.append(_updated(kept, list(of_kept), changed))
    bulk.record_events(tx, events)


def unshared(tx: Transaction, kept: Row, partners: list[UUID]) -> None:
    """Tell partners that saw the survivor only for the sake of the restored one."""
    if partners:
        event = Event("customer.unshared", kept["id"], kept["id"], wire_form(kept), (), partners)
        bulk.record_events(tx, [event])


def _moved(row: Row, partners: list[UUID]) -> Event:
    record = interaction_form(row)
    return Event("interaction.updated", row["id"], row["customer_id"], record, ["customer_id"], partners)


def _updated(row: Row, partners: list[UUID], changed: list[str]) -> Event:
    return Event("customer.updated", row["id"], row["id"], wire_form(row), changed, partners, is_for_customer=True)
