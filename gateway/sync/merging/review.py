"""Open conflicts looked at again after our side moved: brought up to date, or closed where both came to the same."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Any
from uuid import UUID

from gateway.db import Transaction
from gateway.sync.merging import conflicts
from gateway.sync.merging.three_way import value_at
from gateway.sync.merging.words import field_of, remembered
from gateway.sync.streams import Stream
from gateway.sync.work import Link


def review(tx: Transaction, link: Link, stream: Stream, record_ids: Iterable[UUID]) -> dict[UUID, Set[str]]:
    """The paths of each record that still wait for a steward."""
    waiting = conflicts.find_open(tx, link.id, stream.name, record_ids)
    rows = stream.fetch(tx, waiting) if waiting else {}
    ours = {
        (record_id, path): value_at(stream.ours(rows[record_id]), path)
        for record_id, paths in waiting.items()
        if record_id in rows
        for path in paths
    }
    agreed = {at: value for at, value in ours.items() if _is_same(stream, at[1], value, waiting[at[0]][at[1]])}
    conflicts.agree(tx, link.id, stream.name, agreed)
    conflicts.refresh(tx, link.id, stream.name, {at: value for at, value in ours.items() if at not in agreed})
    return {
        record_id: {path for path in paths if (record_id, path) not in agreed} for record_id, paths in waiting.items()
    }


def _is_same(stream: Stream, path: str, ours: Any, kept: Any) -> bool:
    if "/" in path:
        return bool(ours == kept)
    name = field_of(path)
    theirs = remembered(stream, {name: kept}, [name], {})
    return name in theirs and stream.same(name, ours, theirs[name])
