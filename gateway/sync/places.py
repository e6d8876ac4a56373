"""How far a run of its own kind has come in a stream, where the link's own cursor is not to move."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction

_READ = Query(text("SELECT place FROM sync_places WHERE run_id = :run AND stream = :stream"))
_SAVE = Query(
    text(
        "INSERT INTO sync_places (run_id, stream, place) VALUES (:run, :stream, :place) "
        "ON CONFLICT (run_id, stream) DO UPDATE SET place = excluded.place"
    )
)
_FORGET = Query(text("DELETE FROM sync_places WHERE run_id = :run AND stream = :stream"))


def read(tx: Transaction, run_id: UUID, stream: str) -> str | None:
    """Where the run stands in this stream, or None at its beginning."""
    row = tx.first(_READ, run=run_id, stream=stream)
    return row[0] if row else None


def save(tx: Transaction, run_id: UUID, stream: str, place: str) -> None:
    """Go on from here after a crash."""
    tx.run(_SAVE, run=run_id, stream=stream, place=place)


def forget(tx: Transaction, run_id: UUID, stream: str) -> None:
    """Begin again."""
    tx.run(_FORGET, run=run_id, stream=stream)
