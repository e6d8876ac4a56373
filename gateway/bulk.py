"""Set-based writing: rows go by COPY into a temporary table, and one statement takes them from there.

COPY cannot write to a table under row-level security, and a statement with thousands of values is far slower.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import text

from gateway import outbox
from gateway.db import Query, Transaction, new_id, now

_EVENT_COLUMNS = {
    "number": "integer", "id": "uuid", "type": "text", "resource_id": "uuid", "customer_id": "uuid",
    "occurred_at": "timestamptz", "changed": "text[]", "record": "jsonb", "partners": "uuid[]",
    "is_for_customer": "boolean", "origin": "text", "actor": "text",
}  # fmt: skip
_EVENT_NAMES = ", ".join(name for name in _EVENT_COLUMNS if name != "number")
_INSERT_EVENTS = Query(
    # In order of `number`, so that positions follow the order in which things happened.
    text(f"INSERT INTO events ({_EVENT_NAMES}) SELECT {_EVENT_NAMES} FROM stage_events ORDER BY number")  # noqa: S608
)


@dataclass(frozen=True, slots=True)
class Changed:
    """One stored row before and after, and the names of the fields that differ."""

    before: dict[str, Any]
    after: dict[str, Any]
    fields: tuple[str, ...]


@contextmanager
def planned_afresh(tx: Transaction) -> Iterator[None]:
    """Have statements planned for the very values they run with, and the database's own checks go by index.

    A plan kept from when a table was small would read all of it for every page; foreign keys are checked by plans
    that are always kept.
    """
    tx.raw.execute(b"SET LOCAL enable_seqscan = off; SET LOCAL jit = off")
    threshold, tx.raw.prepare_threshold = tx.raw.prepare_threshold, None
    try:
        yield
    finally:
        tx.raw.prepare_threshold = threshold


def stage(tx: Transaction, table: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> None:
    """Fill the temporary table `table` (columns: name → type) with `rows` alone; it is empty again after the commit."""
    defined = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    tx.raw.execute(
        f"CREATE TEMP TABLE IF NOT EXISTS {table} ({defined}) ON COMMIT DELETE ROWS; DELETE FROM {table}".encode()  # noqa: S608
    )
    with tx.raw.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN".encode()) as copy:
        for row in rows:
            copy.write_row(row)


def as_json(value: Any) -> str:
    """JSON as COPY and `jsonb` take it."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z).decode()


def record_events(tx: Transaction, events: Sequence[outbox.Event]) -> None:
    """Store many events in this very transaction, in their order, and ring the listeners once."""
    if not events:
        return
    moment, origin, actor = now(), tx.caller.origin, tx.caller.actor
    rows = (
        (
            number, new_id(), event.type, event.resource_id, event.customer_id, moment, list(event.changed),
            as_json(event.record), list(event.partners), event.is_for_customer, origin, actor,
        )
        for number, event in enumerate(events)
    )  # fmt: skip
    stage(tx, "stage_events", _EVENT_COLUMNS, rows)
    tx.run(_INSERT_EVENTS)
    outbox.announce(tx)
