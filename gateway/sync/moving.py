"""What sync keeps of a customer, when two become one: names at partners, writes on their way, open conflicts.

Partners keep their own ids: each of their records speaks of the survivor from now on.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import text

from gateway.customers import moves
from gateway.customers.moves import Merging, Rows
from gateway.db import Query, Transaction
from gateway.sync import aliases, operations
from gateway.sync.doubts import Writes
from gateway.sync.operations import Wish

_STREAM = "customers"
_COUNT = Query(text("SELECT count(*) FROM sync_references WHERE stream = 'customers' AND record_id = :lose"))
_ALIASES_OF_LOST = Query(
    text(
        "UPDATE sync_references SET alias_of = :keep WHERE stream = 'customers' AND alias_of = :lose "
        "RETURNING link_id, external_id"
    )
)
_MAKE_ALIASES = Query(
    text(
        """
        UPDATE sync_references r SET alias_of = :keep FROM sync_references k
        WHERE r.stream = 'customers' AND r.record_id = :lose
          AND k.link_id = r.link_id AND k.stream = r.stream AND k.record_id = :keep
        RETURNING r.link_id, r.external_id, k.external_id, r.deleted_at IS NULL AND k.deleted_at IS NOT NULL
        """
    )
)
_MOVE = Query(
    text(
        """
        UPDATE sync_references SET record_id = :keep
        WHERE stream = 'customers' AND record_id = :lose AND alias_of IS NULL RETURNING link_id, external_id
        """
    )
)
# A name that has moved again since, or was forgotten, is left alone.
_GIVE_BACK = Query(
    text(
        """
        UPDATE sync_references r SET record_id = :lose, alias_of = NULL
        FROM jsonb_to_recordset(:names) AS n (link_id uuid, external_id text)
        WHERE r.link_id = n.link_id AND r.stream = 'customers' AND r.external_id = n.external_id
          AND (r.record_id = :keep OR r.alias_of = :keep)
        """
    )
)
_OWN_BACK = Query(
    text(
        "UPDATE sync_references SET alias_of = NULL WHERE stream = 'customers' AND record_id = :lose "
        "AND alias_of = :keep RETURNING link_id, external_id"
    )
)
_ALIASES_BACK = Query(
    text(
        """
        UPDATE sync_references r SET alias_of = :lose
        FROM jsonb_to_recordset(:names) AS n (link_id uuid, external_id text)
        WHERE r.link_id = n.link_id AND r.stream = 'customers' AND r.external_id = n.external_id AND r.alias_of = :keep
        """
    )
)
_ALIAS_NOW = Query(
    text(
        "SELECT external_id, record_id FROM sync_references "
        "WHERE link_id = :link AND stream = 'customers' AND external_id = :external AND alias_of = :keep"
    )
)
_ENDED = Query(
    text(
        "SELECT link_id, record_id FROM sync_references WHERE stream = 'customers' AND record_id IN (:keep, :lose) "
        "AND alias_of IS NULL AND deleted_at IS NOT NULL"
    )
)
# What a partner that knew both has said since of the one that was lost.
_SAID_OF_LOST = Query(
    text(
        """
        UPDATE interactions i SET customer_id = :lose, version = i.version + 1, updated_at = now()
        FROM sync_references r
        JOIN jsonb_to_recordset(:names) AS n (link_id uuid, external_id text) ON n.link_id = r.link_id
        WHERE r.stream = 'interactions' AND r.record_id = i.id AND i.customer_id = :keep AND i.created_at > :since
          AND convert_from(r.said, 'UTF8')::json ->> 'customer_external_id' = n.external_id
        """
    )
)
# Sent there since for the sake of a customer that its partner does not see any more.
_SENT_IN_VAIN = Query(
    text(
        """
        SELECT r.link_id, r.record_id FROM interactions i
        JOIN sync_references r ON r.record_id = i.id AND r.stream = 'interactions' AND r.is_ours
        JOIN sync_links l ON l.id = r.link_id
        WHERE i.customer_id = :lose AND r.deleted_at IS NULL AND coalesce(r.first_sent_at, r.known_since) > :since
          AND NOT EXISTS (SELECT 1 FROM shares s WHERE s.customer_id = :lose AND s.partner_id = l.partner_id)
        """
    )
)
_LINKS = Query(text("SELECT id FROM sync_links WHERE partner_id = ANY(:ids)"))


@dataclass(frozen=True)
class References:
    """What partners call a customer; where one has a name for both, the lost one's becomes an alias."""

    name: str = "sync_references"
    tables: frozenset[str] = frozenset({"sync_references"})

    def count(self, tx: Transaction, lose_id: UUID) -> int:
        """How many there are."""
        row = tx.first(_COUNT, lose=lose_id)
        return int(row[0]) if row else 0

    def go(self, tx: Transaction, merging: Merging) -> Any:
        """Have every name of the lost one mean the kept one; a name the partner has deleted is never the first."""
        ids = {"keep": merging.keep_id, "lose": merging.lose_id}
        further = _names(tx.rows(_ALIASES_OF_LOST, **ids))
        made = tx.rows(_MAKE_ALIASES, **ids)
        for link_id, external_id, _, is_first in made:
            if is_first:
                aliases.swap(tx, link_id, _STREAM, merging.keep_id, external_id, merging.lose_id)
        both = [{"link_id": str(row[0]), "external_id": row[1], "kept": row[2]} for row in made]
        return {"moved": _names(tx.rows(_MOVE, **ids)), "both": both, "further": further}

    def back(self, tx: Transaction, merging: Merging, kept: Any) -> list[str]:
        """Give every name back, and to the lost one what was said under its names since."""
        ids = {"keep": merging.keep_id, "lose": merging.lose_id}
        first = [(each["link_id"], each["kept"]) for each in kept["both"]]
        for link, external_id in [*first, *((each["link_id"], each["external_id"]) for each in kept["moved"])]:
            first_one = tx.first(_ALIAS_NOW, link=UUID(link), external=external_id, keep=merging.keep_id)
            if first_one is not None:  # an alias took its place since
                aliases.swap(tx, UUID(link), _STREAM, merging.keep_id, *first_one)
        own, further = [*kept["moved"], *kept["both"]], kept["further"]
        tx.run(_GIVE_BACK, names=Jsonb(own), **ids)
        own += _names(tx.rows(_OWN_BACK, **ids))  # learnt since
        tx.run(_ALIASES_BACK, names=Jsonb(further), **ids)
        for link_id, record_id in tx.rows(_ENDED, **ids):
            aliases.stand_in(tx, link_id, _STREAM, [record_id])
        tx.run(_SAID_OF_LOST, names=Jsonb([*own, *further]), since=merging.merged_at, **ids)
        for link_id, record_id in tx.rows(_SENT_IN_VAIN, lose=merging.lose_id, since=merging.merged_at):
            operations.add(tx, link_id, "interactions", [Wish(record_id, is_deletion=True)])
        return []


def _names(rows: Any) -> list[dict[str, str]]:
    return [{"link_id": str(link_id), "external_id": external_id} for link_id, external_id in rows]


@moves.register_voice
def as_links(tx: Transaction, partner_ids: Collection[UUID]) -> set[str]:
    """A partner's own system, by the link to it."""
    return {str(link_id) for (link_id,) in tx.rows(_LINKS, ids=list(partner_ids))}


moves.register(References())
moves.register(
    Writes("sync_operations", column="record_id", unique=("link_id", "stream"), where="r.stream = 'customers'")
)  # fmt: skip
moves.register(
    Rows(
        "sync_conflicts", column="record_id", unique=("link_id", "stream", "field", "status"), label="open_conflicts",
        where="r.stream = 'customers' AND r.status = 'open'",
    )
)  # fmt: skip
moves.register(
    Rows(
        "sync_conflicts", column="record_id", label="settled_conflicts",
        where="r.stream = 'customers' AND r.status = 'settled'",
    )
)  # fmt: skip
moves.register(Rows("sync_conflicts", label="conflicts"))
