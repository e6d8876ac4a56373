"""The database: one place that commits and rolls back, always in somebody's name.

Row-level security decides rows by three settings that live and die with the transaction: `kopru.channel`,
`kopru.partner` and `kopru.customer`. Where none is set, nothing is seen.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import orjson
import psycopg
from psycopg.rows import TupleRow
from psycopg.types.json import set_json_dumps, set_json_loads
from sqlalchemy import Connection, DateTime, Executable, MetaData, exc
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.sql import ClauseElement

from gateway import pool
from gateway.channels import Caller
from gateway.errors import NotFound, Problem

log = logging.getLogger(__name__)
set_json_dumps(lambda value: orjson.dumps(value, option=orjson.OPT_UTC_Z))
set_json_loads(orjson.loads)


class Base(DeclarativeBase):
    """Every table; names of constraints are fixed so that migrations and error handling can rely on them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: DateTime(timezone=True), dict[str, Any]: JSONB, list[Any]: JSONB}  # noqa: RUF012


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


_VARIANTS = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562 section 5.7): milliseconds first, so new rows stand together in an index."""
    return UUID(int=_id_number(os.urandom(10)))


def new_id_texts(count: int) -> list[str]:
    """So many new ids of one moment as text, in order: cheaper than one by one, to make and to find room in indexes."""
    moment, random = f"{time.time_ns() // 1_000_000:012x}", os.urandom(10 * count).hex()
    head = f"{moment[:8]}-{moment[8:]}-7"
    ids = [
        f"{head}{random[at : at + 3]}-{_VARIANTS[random[at + 3]]}{random[at + 4 : at + 7]}-{random[at + 7 : at + 19]}"
        for at in range(0, 20 * count, 20)
    ]
    ids.sort()
    return ids


def _id_number(random: bytes) -> int:
    milliseconds, tail = time.time_ns() // 1_000_000, int.from_bytes(random)
    high = (milliseconds << 16) | 0x7000 | (tail >> 68)
    return (high << 64) | 0x8000_0000_0000_0000 | (tail & 0x3FFF_FFFF_FFFF_FFFF)


Id = Annotated[UUID, mapped_column(primary_key=True, default=new_id)]
CreatedAt = Annotated[datetime, mapped_column(default=now)]
Row = TypeVar("Row", bound=Base)


def apply(row: Base, values: Mapping[str, Any]) -> list[str]:
    """Write values into a row's columns; answers which of them it changed, in order."""
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, values[name])
    return changed


class Query:
    """A Core statement compiled once and run by the driver: half the cost of running it through SQLAlchemy.

    Parameters are `bindparam` names; use `= ANY(:ids)` for lists and `psycopg.types.json.Jsonb` for JSON.
    """

    __slots__ = ("_defaults", "sql")
    _dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]

    def __init__(self, statement: ClauseElement) -> None:
        compiled = statement.compile(dialect=self._dialect)
        self.sql = str(compiled)
        self._defaults = {name: value for name, value in compiled.params.items() if value is not None}

    def bind(self, params: dict[str, Any]) -> dict[str, Any]:
        """The parameters with the statement's own constants filled in."""
        return {**self._defaults, **params} if self._defaults else params


class Transaction:
    """One open transaction in a caller's name. `session` is the ORM on the same connection, made when first asked.

    `staged` are the lines that `bulk.stage_ahead` has put into temporary tables, by their names.
    """

    __slots__ = ("_after_commit", "_closing", "_cursor", "_pooled", "_session", "caller", "raw", "staged")

    def __init__(self, caller: Caller, pooled: PoolProxiedConnection, raw: psycopg.Connection[TupleRow]) -> None:
        self.caller = caller
        self.raw = raw
        self._pooled = pooled
        self._cursor = raw.cursor()
        self._session: Session | None = None
        self._after_commit: list[Callable[[], object]] = []
        self._closing = b""
        self.staged: dict[str, list[bytes]] = {}

    @property
    def session(self) -> Session:
        """The ORM session; flushed, never committed, by those who use it."""
        if self._session is None:
            self._session = Session(Connection(pool.engine(), self._pooled), autoflush=True, expire_on_commit=False)
        return self._session

    def rows(self, query: Query, **params: Any) -> list[TupleRow]:
        """Run a compiled statement and fetch every row as a tuple."""
        self._flush()
        return self._cursor.execute(query.sql, query.bind(params)).fetchall()

    def first(self, query: Query, **params: Any) -> TupleRow | None:
        """Run a compiled statement and fetch its first row, or None."""
        self._flush()
        return self._cursor.execute(query.sql, query.bind(params)).fetchone()

    def run(self, query: Query, **params: Any) -> int:
        """Run a compiled statement that answers no rows; returns how many it touched."""
        self._flush()
        return self._cursor.execute(query.sql, query.bind(params)).rowcount

    def scalars(self, statement: Executable) -> list[Any]:
        """Run an ORM or Core statement and fetch the first column of every row."""
        return list(self.session.scalars(statement))

    def get(self, table: type[Row], key: Any, *, lock: bool = False) -> Row:
        """The row of a mapped class with this key, with `lock` as it stands now; raises NotFound."""
        found = self.session.get(table, key, with_for_update=lock, populate_existing=lock)
        if found is None:
            raise NotFound
        return found

    def store(self, row: Base, taken: type[Problem]) -> None:
        """Write a new or changed row at once; raises `taken` where another one stands in its place."""
        self.session.add(row)
        try:
            self.session.flush()
        except exc.IntegrityError as error:
            if isinstance(error.orig, psycopg.errors.UniqueViolation | psycopg.errors.ExclusionViolation):
                raise taken from None
            raise

    def send(self, commands: bytes) -> None:
        """Run commands that have no parameters and answer no rows, in one round trip and without a cursor."""
        pool.send(self.raw, commands)

    def close_with(self, commands: bytes) -> None:
        """Run commands that have no parameters and answer no rows in COMMIT's own round trip."""
        self._closing += commands + b";"

    def after_commit(self, action: Callable[[], object]) -> None:
        """Do `action` once the commit is certain: ring a bell, forget a cache entry. Its failure loses nothing."""
        self._after_commit.append(action)

    def _flush(self) -> None:
        if self._session is not None:
            self._session.flush()

    def _finish(self) -> None:
        self._flush()
        if pool.send(self.raw, self._closing + b"COMMIT") != b"COMMIT":
            # A statement failed and somebody swallowed its error: nothing was stored, so nothing may be acknowledged.
            raise psycopg.errors.InFailedSqlTransaction("the transaction was rolled back")
        for action in self._after_commit:
            try:
                action()
            except Exception:
                log.warning("after_commit_failed", exc_info=True)


@contextmanager
def transaction(
    caller: Caller, *, statement_seconds: int | None = None, idle_seconds: int | None = None
) -> Iterator[Transaction]:
    """The one place that commits: BEGIN in the caller's name, then COMMIT, or ROLLBACK on any raise.

    Raises Unavailable (503) when the database cannot be reached. `statement_seconds` overrides the deadline of one
    statement, for bulk work; `idle_seconds` that of the time between two, for what others wait for.
    """
    pooled, raw = pool.begin(caller, statement_seconds, idle_seconds)
    tx = Transaction(caller, pooled, raw)
    try:
        yield tx
        tx._finish()
    except BaseException:
        with suppress(Exception):
            raw.rollback()
        if pooled.is_valid and (raw.closed or raw.broken):
            pooled.invalidate()
        raise
    finally:
        if tx._session is not None:
            tx._session.close()
        pooled.close()


class _Undo(Exception):
    """Nothing went wrong; nothing is to stay either."""


@contextmanager
def rehearsal(caller: Caller, *, statement_seconds: int | None = None) -> Iterator[Transaction]:
    """A transaction that is always rolled back: what would happen is seen, nobody else sees it, and nothing stays.

    It waits a second at most for a lock: a rehearsal must not stand in the way of the real thing.
    """
    with suppress(_Undo), transaction(caller, statement_seconds=statement_seconds) as tx:
        tx.raw.execute(b"SET LOCAL lock_timeout = '1s'")
        yield tx
        raise _Undo
