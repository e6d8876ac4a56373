"""Creates whose answers were lost, of customers that became part of others before anybody asked what came of them.

Where the partner knows the survivor too, or may, such a create stands under the id of the lost one until the partner
has been asked for it: what it has of that is one more name of the survivor. Read first, it would be somebody new here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from connectors.base import ConnectorError, NotNow
from gateway.customers.moves import Merging, Rows
from gateway.db import Query, Transaction, new_id
from gateway.sync import aliases
from gateway.sync.calls import is_name
from gateway.sync.ground import Ground, Question
from gateway.sync.incoming import content, content_hash
from gateway.sync.merging.memory import learn, read

_STREAM = "customers"
_IN_DOUBT = "stream = 'customers' AND op = 'create' AND sent_at IS NOT NULL"
_PARK = Query(
    text(
        f"""
        UPDATE sync_operations o SET record_id = :parked, state = 'sent', error = NULL
        WHERE {_IN_DOUBT} AND record_id = :lose AND (
            EXISTS (SELECT FROM sync_references k
                    WHERE k.link_id = o.link_id AND k.stream = o.stream AND k.record_id = :keep)
            OR EXISTS (SELECT FROM sync_operations WHERE {_IN_DOUBT} AND link_id = o.link_id AND record_id = :keep))
        """  # noqa: S608
    )
)
_UNPARK = Query(text("UPDATE sync_operations SET record_id = :lose WHERE record_id = :parked"))
# The create of the kept one has not begun: it need not, if that of the lost one has happened.
_INHERIT = Query(
    text(
        """
        UPDATE sync_operations k SET sent_at = o.sent_at, sent = o.sent FROM sync_operations o
        WHERE o.stream = 'customers' AND o.op = 'create' AND o.sent_at IS NOT NULL AND o.record_id = :lose
          AND k.link_id = o.link_id AND k.stream = o.stream AND k.op = 'create' AND k.record_id = :keep
        """
    )
)
_DOUBTS = Query(
    text(
        f"""
        SELECT id, record_id, survivor_of(record_id), sent, sent_at FROM sync_operations
        WHERE {_IN_DOUBT} AND link_id = :link
          AND EXISTS (SELECT FROM merges WHERE lose_id = record_id AND undone_at IS NULL)
        ORDER BY id
        """  # noqa: S608
    )
)
_OWN_DOUBT = Query(
    text(
        f"SELECT id, record_id, NULL, sent, sent_at FROM sync_operations WHERE {_IN_DOUBT} "  # noqa: S608
        "AND link_id = :link AND record_id = :record"
    )
)
_KNOWN = Query(
    text(
        "SELECT deleted_at IS NOT NULL FROM sync_references "
        "WHERE link_id = :link AND stream = 'customers' AND record_id = :record"
    )
)
_NAME = Query(
    text(
        """
        INSERT INTO sync_references (link_id, stream, external_id, record_id, alias_of, said, content_hash, written,
            is_ours, first_sent_at, last_sent_at)
        VALUES (:link, 'customers', :external, :record, :survivor, :said, :hash, :written, true, :at, :at)
        ON CONFLICT DO NOTHING
        """
    )
)
_SETTLE = Query(text("DELETE FROM sync_operations WHERE id = :id"))


class _Doubt(NamedTuple):
    """A create that may have happened; `survivor_id` is what its customer has become part of, if it has."""

    id: UUID
    record_id: UUID
    survivor_id: UUID | None
    sent: bytes | None
    sent_at: Any


@dataclass(frozen=True)
class Writes(Rows):
    """Writes on their way."""

    def go(self, tx: Transaction, merging: Merging) -> Any:
        """Move them; but a create in doubt stays, where the partner has the kept one too or may have it."""
        ids, parked = {"keep": merging.keep_id, "lose": merging.lose_id}, new_id()
        tx.run(_PARK, parked=parked, **ids)
        tx.run(_INHERIT, **ids)
        moved = super().go(tx, merging)
        tx.run(_UNPARK, parked=parked, lose=merging.lose_id)
        return moved


def settle(ground: Ground) -> None:
    """Find out what became of them, before anything is read; raises ConnectorError to be tried again."""
    with ground.look() as tx:
        doubts = [_Doubt(*row) for row in tx.rows(_DOUBTS, link=ground.link.id)]
    for doubt in doubts:
        try:
            _settle(ground, doubt)
        except NotNow:
            raise
        except ConnectorError as error:
            if not error.permanent:
                raise


def _settle(ground: Ground, doubt: _Doubt) -> None:
    survivor_id, link_id = doubt.survivor_id or doubt.record_id, ground.link.id
    with ground.look() as tx:
        is_known = tx.first(_KNOWN, link=link_id, record=survivor_id) is not None
        own = tx.first(_OWN_DOUBT, link=link_id, record=survivor_id)
    if not is_known and not (own and _is_named(ground, _Doubt(*own))):
        return  # its own look-up goes by the names of all that it was
    _is_named(ground, doubt)
    with ground.page(_STREAM) as (tx, _):
        tx.run(_SETTLE, id=doubt.id)
        row = tx.first(_KNOWN, link=link_id, record=survivor_id)
        aliases.stand_in(tx, link_id, _STREAM, [survivor_id] if row and row[0] else [])


def _is_named(ground: Ground, doubt: _Doubt) -> bool:
    """Whether the partner has what it was sent, under a name of its own; then that is remembered, and it is read."""
    found, record = ground.ask(Question(_STREAM, doubt.record_id, reads=True))
    if not is_name(found):
        return False
    sent = read(doubt.sent)
    said = content({**sent, "external_id": found}) if sent else None
    with ground.page(_STREAM) as (tx, tally):
        is_own = tx.run(
            _NAME,
            link=ground.link.id,
            external=found,
            record=doubt.record_id,
            survivor=doubt.survivor_id,
            said=said,
            hash=None if said is None else content_hash(said),
            written=sorted(sent),
            at=doubt.sent_at,
        )
        if is_own and doubt.survivor_id is None:  # its own write goes on, and knows now what the partner has
            learn(tx, ground.link.id, _STREAM, [doubt.record_id])
        if record is not None:
            tally["read"] += 1
            ground.take(tx, _STREAM, [record], tally)
    return bool(is_own)
