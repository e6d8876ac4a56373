"""What the hub changed since a link last looked: events in commit order become operations for the partner."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from gateway.commit_order import Place, move_place, take_place
from gateway.db import Query, Transaction
from gateway.sync import operations
from gateway.sync.merging import conflicts
from gateway.sync.operations import Wish
from gateway.sync.pending import reader_of
from gateway.sync.work import Link, Work

_LIMIT = 1000
_PATIENCE_SECONDS, _LOOK_AGAIN_SECONDS = 3.0, 0.05
_WISHED = {
    "customers": (
        "customer.created",
        "customer.updated",
        "customer.shared",
        "customer.merged",
        "customer.unmerged",
    ),
    "interactions": ("interaction.created", "interaction.updated", "interaction.deleted"),
}
_ENDED = {"customers": ("customer.unshared", "customer.deleted"), "interactions": ()}
# With these a partner may see of a customer's past what it did not see before; with a share, begun or shown again, also
# what became meanwhile of what it has.
_SHARED = "customer.shared"
_OPENING = (_SHARED, "customer.merged", "customer.unmerged")
_TRANSACTIONS = Query(text("SELECT pg_current_xact_id()::text, pg_snapshot_xmin(pg_current_snapshot())::text"))
# The horizon is read first: every event below it has committed by the time this looks.
_CHANGES = Query(
    text(
        """
        SELECT e.txid::text, e.position, e.type, e.resource_id, e.changed FROM events e
        WHERE (e.txid, e.position) > (CAST(CAST(:txid AS text) AS xid8), CAST(:position AS bigint))
          AND e.txid < CAST(CAST(:horizon AS text) AS xid8)
          AND e.type = ANY(:types) AND :partner = ANY(e.partners) AND e.origin <> :link
        ORDER BY e.txid, e.position LIMIT :limit
        """
    )
)
_SHARED_INTERACTIONS = Query(
    text(
        """
        SELECT i.id FROM interactions i
        WHERE i.customer_id = ANY(:ids)
          AND (i.visibility = 'shared' OR (i.visibility = 'partner' AND i.partner_id = :partner))
          AND (i.customer_id = ANY(:shared) OR NOT EXISTS (
                SELECT 1 FROM sync_references r
                WHERE r.link_id = :link AND r.stream = 'interactions' AND r.record_id = i.id))
        ORDER BY i.id
        """
    )
)


class _Change(NamedTuple):
    txid: str
    position: int
    type: str
    resource_id: UUID
    changed: list[str]


def collect(work: Work, stream: str) -> None:
    """Turn everything committed until now into operations, and move the link's place, batch by batch.

    Events above a transaction that is still open cannot be read yet; for a moment we wait for it, else they come with
    the next run.
    """
    deadline, started_at, horizon = time.monotonic() + _PATIENCE_SECONDS, None, 0
    while True:
        with work.page(stream) as (tx, _):
            own, horizon = _transactions(tx)
            started_at = started_at or own
            is_over = _collect_some(tx, work.link, stream, Place(str(horizon), 0))
        if is_over and (horizon >= started_at or time.monotonic() > deadline):
            return
        if is_over:
            time.sleep(_LOOK_AGAIN_SECONDS)


def collect_within(tx: Transaction, link: Link, stream: str) -> None:
    """The same in a transaction of the caller's, as far as everything can be read yet."""
    _, horizon = _transactions(tx)
    while not _collect_some(tx, link, stream, Place(str(horizon), 0)):
        pass


def _transactions(tx: Transaction) -> tuple[int, int]:
    """The number of this transaction, and of the oldest that is still open."""
    row = tx.first(_TRANSACTIONS)
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _collect_some(tx: Transaction, link: Link, stream: str, horizon: Place) -> bool:
    reader = reader_of(link.id, stream)
    place = take_place(tx, reader)
    rows = tx.rows(
        _CHANGES,
        txid=place.txid,
        position=place.position,
        horizon=horizon.txid,
        types=[*_WISHED[stream], *_ENDED[stream]],
        partner=link.partner_id,
        link=str(link.id),
        limit=_LIMIT,
    )
    changes = [_Change(*row) for row in rows]
    _follow(tx, link, stream, changes)
    is_over = len(changes) < _LIMIT
    move_place(tx, reader, horizon if is_over else Place(changes[-1].txid, changes[-1].position))
    return is_over


def _follow(tx: Transaction, link: Link, stream: str, changes: list[_Change]) -> None:
    wishes: dict[UUID, list[Wish]] = {}
    ended: set[UUID] = set()
    for each in changes:
        if each.type in _ENDED[stream]:
            wishes.pop(each.resource_id, None)
            ended.add(each.resource_id)
        else:
            wish = Wish(each.resource_id, tuple(each.changed), each.type == "interaction.deleted")
            wishes.setdefault(each.resource_id, []).append(wish)
    conflicts.let_go(
        tx, link.id, stream, ended | {each.resource_id for each in changes if each.type.endswith(".deleted")}
    )
    operations.drop(tx, link, stream, ended)
    operations.add(tx, link.id, stream, (wish for each in wishes.values() for wish in each))
    _bring_along(tx, link, [each for each in changes if each.type in _OPENING])


def _bring_along(tx: Transaction, link: Link, opening: Sequence[_Change]) -> None:
    """With a customer newly shared, or merged, comes what the partner may see of its past."""
    ids = [each.resource_id for each in opening]
    if ids:
        shared = [each.resource_id for each in opening if each.type == _SHARED]
        rows = tx.rows(_SHARED_INTERACTIONS, ids=ids, shared=shared, partner=link.partner_id, link=link.id)
        operations.add(tx, link.id, "interactions", (Wish(interaction_id) for (interaction_id,) in rows))
