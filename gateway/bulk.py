"""Set-based writing: rows go by COPY into a temporary table, and one statement takes them from there.

COPY cannot write to a table under row-level security, and a statement with thousands of values is far slower.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from psycopg import Copy
from sqlalchemy import text

from gateway import outbox
from gateway.db import Query, Transaction, new_id_texts, now

_EVENT_TYPES = {
    "number": "integer", "id": "uuid", "type": "text", "resource_id": "uuid", "customer_id": "uuid",
    "changed": "text[]", "record": "json", "partners": "uuid[]", "is_for_customer": "boolean",
}  # fmt: skip
_EVENT_NAMES = ", ".join(name for name in _EVENT_TYPES if name != "number")
_INSERT_EVENTS = Query(
    # In order of `number`, so that positions follow the order in which things happened.
    text(
        f"INSERT INTO events ({_EVENT_NAMES}, occurred_at, origin, actor) "  # noqa: S608
        f"SELECT {_EVENT_NAMES}, :at, :origin, :actor FROM stage_events ORDER BY number"
    )
)

_BETWEEN = "\x02"  # not COPY's tab, which stands in every name's keys: what holds it has to be escaped
_ESCAPED = {"\\": r"\\", _BETWEEN: r"\x02", "\n": r"\n", "\r": r"\r"}  # the backslash before those that bring one


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
    that are always kept. Processes that help with one page cost more to start than they take over.
    """
    tx.send(b"SET LOCAL enable_seqscan = off; SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0")
    threshold, tx.raw.prepare_threshold = tx.raw.prepare_threshold, None
    try:
        yield
    finally:
        tx.raw.prepare_threshold = threshold


def learn_sizes(tx: Transaction, *tables: str) -> None:
    """Have the planner look at tables that have just grown much; the server does it by itself only after a minute.

    Each is given with the columns that matter at once, as in `customers (id)`: the server will still look at the rest.
    Where the role of the gateway may not, the server says so in its log and leaves it.
    """
    tx.raw.execute(f"ANALYZE {', '.join(tables)}".encode())


def stage(tx: Transaction, table: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> None:
    """Fill the temporary table `table` (columns: name → type) with `rows` alone; it is empty again after the commit."""
    tx.staged.pop(table, None)
    _empty(tx, table, columns)
    with _copying(tx, table, columns) as copy:
        for row in rows:
            copy.write_row(row)


def stage_lines(tx: Transaction, table: str, columns: Mapping[str, str], lines: Iterable[bytes]) -> None:
    """Fill it with what `as_line` made of rows; those that were staged ahead, if they come first, are there."""
    wanted, there = list(lines), tx.staged.pop(table, [])
    is_begun = bool(there) and wanted[: len(there)] == there
    if is_begun:
        wanted = wanted[len(there) :]
    else:
        _empty(tx, table, columns)
    if wanted:
        with _copying(tx, table, columns, f" DELIMITER '{_BETWEEN}'") as copy:
            copy.write(b"".join(wanted))


def stage_ahead(tx: Transaction, table: str, columns: Mapping[str, str], lines: list[bytes]) -> None:
    """Send lines that `stage_lines` will probably be asked for in this transaction."""
    stage_lines(tx, table, columns, lines)
    tx.staged[table] = lines


def _empty(tx: Transaction, table: str, columns: Mapping[str, str]) -> None:
    defined = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    tx.send(
        f"CREATE TEMP TABLE IF NOT EXISTS {table} ({defined}) ON COMMIT DELETE ROWS; DELETE FROM {table}".encode()  # noqa: S608
    )


@contextmanager
def _copying(tx: Transaction, table: str, columns: Mapping[str, str], options: str = "") -> Iterator[Copy]:
    command = f"COPY {table} ({', '.join(columns)}) FROM STDIN{options}"
    with tx.raw.cursor() as cursor, cursor.copy(command.encode()) as copy:
        yield copy


def as_line(values: Sequence[str | None]) -> bytes:
    """A row in COPY's text format (PostgreSQL, COPY, "File Formats")."""
    line = _line(values)
    if line.count("\\") > values.count(None) or line.count(_BETWEEN) >= len(values) or "\n" in line or "\r" in line:
        for letter, escaped in _ESCAPED.items():
            values = [each and each.replace(letter, escaped) for each in values]
        line = _line(values)
    return f"{line}\n".encode()


def _line(values: Sequence[str | None]) -> str:
    return _BETWEEN.join([r"\N" if each is None else each for each in values])


def as_json(value: Any) -> str:
    """JSON as COPY takes it."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z).decode()


def as_array(texts: Iterable[str]) -> str:
    """Texts as COPY and `text[]` or `uuid[]` take them."""
    quoted = [f'"{each}"' for each in texts]
    joined = ",".join(quoted)
    if "\\" in joined or joined.count('"') > 2 * len(quoted):
        joined = ",".join([f'"{_escaped(each[1:-1])}"' for each in quoted])
    return f"{{{joined}}}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def record_events(tx: Transaction, events: Sequence[outbox.Event]) -> None:
    """Store many events in this very transaction, in their order, and ring the listeners once."""
    if events:
        rows = map(_event_row, range(len(events)), new_id_texts(len(events)), events)
        stage(tx, "stage_events", _EVENT_TYPES, rows)
        tx.run(_INSERT_EVENTS, at=now(), origin=tx.caller.origin, actor=tx.caller.actor)
        outbox.announce(tx)


def _event_row(number: int, event_id: str, event: outbox.Event) -> Sequence[str | None]:
    # As text: what COPY is sent is text anyway, and the driver takes longer to make it.
    customer_id = None if event.customer_id is None else str(event.customer_id)
    return (
        str(number), event_id, event.type, str(event.resource_id), customer_id, as_array(event.changed),
        as_json(event.record), as_array([each.hex for each in event.partners]), "t" if event.is_for_customer else "f",
    )  # fmt: skip
