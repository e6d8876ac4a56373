"""A full listing: what the partner still has, remembered page by page, and what of ours is missing there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from connectors.base import Page
from gateway.db import Query, Transaction
from gateway.sync import places
from gateway.sync.incoming import Incoming

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_LISTED = Query(text("INSERT INTO sync_listed (run_id, stream, external_ids) VALUES (:run, :stream, :ids)"))
_FORGET = Query(text("DELETE FROM sync_listed WHERE run_id = :run AND stream = :stream"))
# What the link has met only since the run was asked for may have been made behind the listing's back.
_KNOWN = """
    FROM sync_references r JOIN sync_runs run ON run.id = :run
    WHERE r.link_id = :link AND r.stream = :stream AND r.deleted_at IS NULL AND r.known_since < run.created_at
"""
_COMPARE = Query(
    text(
        f"""
        INSERT INTO sync_vanished (run_id, stream, external_id)
        SELECT :run, :stream, missing.external_id FROM (
            SELECT r.external_id {_KNOWN}
            EXCEPT SELECT unnest(external_ids) FROM sync_listed WHERE run_id = :run AND stream = :stream
        ) AS missing
        ON CONFLICT DO NOTHING
        """  # noqa: S608
    )
)
_COUNT_KNOWN = Query(text(f"SELECT count(*) {_KNOWN}"))
_COUNT = Query(text("SELECT stream, count(*) FROM sync_vanished WHERE run_id = :run GROUP BY stream"))
_NAMELESS = Query(
    text(
        """
        SELECT rejected.stream, count(*) FROM sync_rejected rejected JOIN sync_runs run ON run.id = :run
        WHERE rejected.link_id = run.link_id AND rejected.external_id IS NULL
          AND rejected.last_seen_at >= run.created_at
        GROUP BY rejected.stream
        """
    )
)
_NEXT = Query(
    text(
        "SELECT external_id FROM sync_vanished WHERE run_id = :run AND stream = :stream "
        "ORDER BY external_id LIMIT :most"
    )
)
_FORGET_ENDED = Query(
    text("DELETE FROM sync_listed l USING sync_runs r WHERE r.id = l.run_id AND r.finished_at IS NOT NULL")
)
_SETTLE = Query(text("DELETE FROM sync_vanished WHERE run_id = :run AND stream = :stream AND external_id = ANY(:ids)"))


class ListingBookmark(NamedTuple):
    """How far a run has listed a stream, with what it found there; the link's own cursor stays where it is."""

    run_id: UUID
    stream: str

    def read(self, tx: Transaction) -> str | None:
        """The cursor behind the last page that this run has listed."""
        return places.read(tx, self.run_id, self.stream)

    def save(self, tx: Transaction, page: Page, records: Sequence[Any]) -> None:
        """Remember what the page lists. One row a page: a mark on every record would cost more than reading it."""
        places.save(tx, self.run_id, self.stream, page.cursor)
        tx.run(_LISTED, run=self.run_id, stream=self.stream, ids=storable_ids(records))

    def forget(self, tx: Transaction) -> None:
        """List from the beginning again."""
        places.forget(tx, self.run_id, self.stream)
        tx.run(_FORGET, run=self.run_id, stream=self.stream)


def storable_ids(records: Iterable[Any]) -> list[str]:
    """The external ids of these records, prepared or as they came, as far as they are such as could be known here."""
    named = (
        record.external_id if isinstance(record, Incoming) else record.get("external_id")
        for record in records
        if isinstance(record, Incoming | dict)
    )
    return [each for each in named if isinstance(each, str) and not _UNSTORABLE.search(each)]


def compare(tx: Transaction, run_id: UUID, link_id: UUID, stream: str) -> int:
    """Write down which living records the ended listing misses; answers how many it could have named.

    The listing stays until the run needs it no more: compared again without it, everything would seem gone.
    """
    tx.run(_COMPARE, run=run_id, link=link_id, stream=stream)
    row = tx.first(_COUNT_KNOWN, run=run_id, link=link_id, stream=stream)
    return int(row[0]) if row else 0


def vanished_counts(tx: Transaction, run_id: UUID) -> dict[str, int]:
    """How many records of each stream the run's listing missed, and are not deleted yet."""
    return dict(tx.rows(_COUNT, run=run_id))


def nameless_counts(tx: Transaction, run_id: UUID) -> dict[str, int]:
    """How many records of each stream the run met of which nobody can tell whose they are."""
    return dict(tx.rows(_NAMELESS, run=run_id))


def next_vanished(tx: Transaction, run_id: UUID, stream: str, most: int) -> list[str]:
    """The external ids to follow next."""
    return [external_id for (external_id,) in tx.rows(_NEXT, run=run_id, stream=stream, most=most)]


def settle(tx: Transaction, run_id: UUID, stream: str, external_ids: Sequence[str]) -> None:
    """These are followed."""
    tx.run(_SETTLE, run=run_id, stream=stream, ids=list(external_ids))


def forget_ended(tx: Transaction) -> int:
    """Drop what runs have listed that ended before their listing did; answers how many pages."""
    return tx.run(_FORGET_ENDED)
