"""Keeping what a preview has shown, until the link's next preview or for a week."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from gateway import bulk
from gateway.db import Query, Transaction
from gateway.sync.preview.lines import Line

_TYPES = {
    "number": "integer", "stream": "text", "action": "text", "external_id": "text", "record_id": "uuid",
    "changes": "jsonb", "reasons": "jsonb",
}  # fmt: skip
_NAMES = ", ".join(_TYPES)
_ADD = Query(
    text(
        f"INSERT INTO sync_previewed (run_id, {_NAMES}) SELECT :run, {_NAMES} FROM stage_previewed"  # noqa: S608
    )
)
_FORGET_OF_LINK = Query(
    text("DELETE FROM sync_previewed p USING sync_runs r WHERE r.id = p.run_id AND r.link_id = :link")
)
_NO_COUNTS = Query(text("UPDATE sync_runs SET streams = '{}' WHERE id = :run"))
_FORGET_OLD = Query(
    text(
        "DELETE FROM sync_previewed p USING sync_runs r "
        "WHERE r.id = p.run_id AND r.created_at < now() - make_interval(days => :days)"
    )
)


def begin_again(tx: Transaction, link_id: UUID, run_id: UUID) -> None:
    """Forget the link's earlier previews, and what an interrupted attempt at this one has counted."""
    tx.run(_FORGET_OF_LINK, link=link_id)
    tx.run(_NO_COUNTS, run=run_id)


def add(tx: Transaction, run_id: UUID, numbered: Sequence[tuple[int, Line]]) -> None:
    """Keep lines by their numbers."""
    bulk.stage(tx, "stage_previewed", _TYPES, (_row(number, line) for number, line in numbered))
    tx.run(_ADD, run=run_id)


def forget_old(tx: Transaction, days: int) -> int:
    """Forget previews of runs older than this; answers how many lines."""
    return tx.run(_FORGET_OLD, days=days)


def _row(number: int, line: Line) -> tuple[Any, ...]:
    return (
        number, line.stream, line.action, line.external_id, line.record_id, _json(line.changes), _json(line.reasons),
    )  # fmt: skip


def _json(value: Any) -> str:
    # What a rejected record holds may be anything, such as half a character.
    return orjson.dumps(value, default=str, option=orjson.OPT_UTC_Z).decode()
