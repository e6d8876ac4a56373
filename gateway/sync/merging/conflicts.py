"""Conflicts in the database, a page at a time: found, opened, brought up to date, closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from gateway import bulk
from gateway.db import Query, Transaction, new_id, now
from gateway.provenance import LONG_AGO
from gateway.sync.merging.clash import Clash

_TYPES = {
    "id": "uuid", "record_id": "uuid", "customer_id": "uuid", "field": "text", "base": "jsonb", "ours": "jsonb",
    "theirs": "jsonb", "their_time": "timestamptz", "our_source": "text", "our_time": "timestamptz", "rule": "text",
    "status": "text", "chosen": "text", "settled_by": "text", "settled_at": "timestamptz",
}  # fmt: skip
_NAMES = ", ".join(_TYPES)
_NEWER = (
    "ours", "theirs", "their_time", "our_source", "our_time", "rule", "status", "chosen", "settled_by", "settled_at",
)  # fmt: skip
_OPEN = Query(
    text(
        "SELECT record_id, field, theirs FROM sync_conflicts "
        "WHERE link_id = :link AND stream = :stream AND record_id = ANY(:ids) AND status = 'open'"
    )
)
_UPDATE = Query(
    text(
        f"UPDATE sync_conflicts c SET {', '.join(f'{name} = s.{name}' for name in _NEWER)}, updated_at = :at "  # noqa: S608
        "FROM stage_clashes s WHERE c.link_id = :link AND c.stream = :stream AND c.record_id = s.record_id "
        "AND c.field = s.field AND c.status = 'open'"
    )
)
_INSERT = Query(
    text(
        f"INSERT INTO sync_conflicts (link_id, stream, created_at, updated_at, {_NAMES}) "  # noqa: S608
        f"SELECT :link, :stream, :at, :at, {_NAMES} FROM stage_clashes WHERE id = ANY(:new)"
    )
)
_CLOSE = Query(
    text(
        """
        UPDATE sync_conflicts c SET status = 'settled', chosen = :chosen, settled_by = 'sync', settled_at = :at,
            updated_at = :at, ours = coalesce(CAST(g.ours AS jsonb), c.ours),
            theirs = coalesce(CAST(g.ours AS jsonb), c.theirs)
        FROM unnest(CAST(:ids AS uuid[]), CAST(:fields AS text[]), CAST(:values AS text[])) AS g (id, field, ours)
        WHERE c.link_id = :link AND c.stream = :stream AND c.record_id = g.id
          AND (g.field IS NULL OR c.field = g.field) AND c.status = 'open'
        """
    )
)
_OURS = Query(
    text(
        """
        UPDATE sync_conflicts c SET ours = CAST(g.ours AS jsonb), updated_at = :at
        FROM unnest(CAST(:ids AS uuid[]), CAST(:fields AS text[]), CAST(:values AS text[])) AS g (id, field, ours)
        WHERE c.link_id = :link AND c.stream = :stream AND c.record_id = g.id AND c.field = g.field
          AND c.status = 'open' AND c.ours <> CAST(g.ours AS jsonb)
        """
    )
)


def find_open(tx: Transaction, link_id: UUID, stream: str, record_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """The open conflicts of these records: by record, by path, the partner's value."""
    found: dict[UUID, dict[str, Any]] = {}
    for record_id, path, theirs in tx.rows(_OPEN, link=link_id, stream=stream, ids=list(record_ids)):
        found.setdefault(record_id, {})[path] = theirs
    return found


def save(tx: Transaction, link_id: UUID, stream: str, clashes: Sequence[Clash]) -> None:
    """Open conflicts, bring open ones up to date, and record those that a rule settled."""
    if not clashes:
        return
    rows = [_row(clash) for clash in clashes]
    bulk.stage(tx, "stage_clashes", _TYPES, rows)
    tx.run(_UPDATE, link=link_id, stream=stream, at=now())
    new = [row[0] for row, clash in zip(rows, clashes, strict=True) if clash.is_new]
    tx.run(_INSERT, link=link_id, stream=stream, at=now(), new=new)


def agree(tx: Transaction, link_id: UUID, stream: str, agreed: Mapping[tuple[UUID, str], Any]) -> None:
    """Close the open conflicts at these (record, path), where both sides now say the same."""
    if agreed:
        tx.run(_CLOSE, link=link_id, stream=stream, chosen="same", at=now(), **_given(agreed))


def refresh(tx: Transaction, link_id: UUID, stream: str, ours: Mapping[tuple[UUID, str], Any]) -> None:
    """Bring our side of open conflicts at these (record, path) up to date."""
    if ours:
        tx.run(_OURS, link=link_id, stream=stream, at=now(), **_given(ours))


def let_go(tx: Transaction, link_id: UUID, stream: str, record_ids: Iterable[UUID]) -> None:
    """Close every open conflict of records that one side does not have any more."""
    ids = list(record_ids)
    nothing: list[str | None] = [None] * len(ids)
    if ids:
        tx.run(
            _CLOSE, link=link_id, stream=stream, chosen="gone", at=now(), ids=ids, fields=nothing, values=nothing
        )  # fmt: skip


def as_json(value: Any) -> str:
    """A field's value as it is kept; amounts as texts."""
    return orjson.dumps(value, default=str, option=orjson.OPT_UTC_Z).decode()


def _given(values: Mapping[tuple[UUID, str], Any]) -> dict[str, list[Any]]:
    ids, fields = [record_id for record_id, _ in values], [path for _, path in values]
    return {"ids": ids, "fields": fields, "values": [as_json(value) for value in values.values()]}


def _row(clash: Clash) -> tuple[Any, ...]:
    is_settled = clash.chosen is not None
    return (
        new_id(), clash.record_id, clash.customer_id, clash.field, as_json(clash.base), as_json(clash.ours),
        as_json(clash.theirs), clash.their_time, clash.our_source.name,
        None if clash.our_source.at == LONG_AGO else clash.our_source.at, clash.rule,
        "settled" if is_settled else "open", clash.chosen, f"rule:{clash.rule}" if is_settled else None,
        now() if is_settled else None,
    )  # fmt: skip
