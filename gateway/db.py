"""The database: one place that opens, commits and rolls back, always in somebody's name.

Row-level security decides rows by three settings that live and die with the transaction: `kopru.channel`,
`kopru.partner` and `kopru.customer`. Where none is set, nothing is seen.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, NoReturn
from uuid import UUID

import orjson
import psycopg
from psycopg.pq import ExecStatus
from psycopg.rows import TupleRow
from psycopg.types.json import set_json_dumps, set_json_loads
from sqlalchemy import Connection, DateTime, Engine, Executable, MetaData, create_engine, exc
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.sql import ClauseElement

from gateway.channels import Caller, Channel
from gateway.errors import Unavailable

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
    """One open transaction in a caller's name. `session` is the ORM on the same connection, made when first asked."""

    __slots__ = ("_after_commit", "_closing", "_cursor", "_pooled", "_session", "caller", "raw")

    def __init__(self, caller: Caller, pooled: PoolProxiedConnection, raw: psycopg.Connection[TupleRow]) -> None:
        self.caller = caller
        self.raw = raw
        self._pooled = pooled
        self._cursor = raw.cursor()
        self._session: Session | None = None
        self._after_commit: list[Callable[[], object]] = []
        self._closing = b""

    @property
    def session(self) -> Session:
        """The ORM session; flushed, never committed, by those who use it."""
        if self._session is None:
            self._session = Session(Connection(engine(), self._pooled), autoflush=True, expire_on_commit=False)
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

    def send(self, commands: bytes) -> None:
        """Run commands that have no parameters and answer no rows, in one round trip and without a cursor."""
        _send(self.raw, commands)

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
        if _send(self.raw, self._closing + b"COMMIT") != b"COMMIT":
            # A statement failed and somebody swallowed its error: nothing was stored, so nothing may be acknowledged.
            raise psycopg.errors.InFailedSqlTransaction("the transaction was rolled back")
        for action in self._after_commit:
            try:
                action()
            except Exception:
                log.warning("after_commit_failed", exc_info=True)


_lock = threading.Lock()
_engine: Engine | None = None


def open_database(url: str, *, pool_size: int = 8, statement_seconds: int = 5) -> Engine:
    """Make this process's engine; a second call with an open database replaces it."""
    global _engine
    close_database()
    options = (
        f"-c timezone=UTC -c statement_timeout={statement_seconds * 1000} -c idle_in_transaction_session_timeout=60000"
    )
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",  # we send BEGIN ourselves, in one round trip with the caller's settings
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_recycle=1800,
        pool_reset_on_return=None,
        hide_parameters=True,  # an error of the database is logged, and what people wrote belongs in no log
        json_serializer=lambda value: orjson.dumps(value, option=orjson.OPT_UTC_Z).decode(),
        json_deserializer=orjson.loads,
        connect_args={"connect_timeout": 5, "options": options, "application_name": "kopru"},
    )
    with _lock:
        _engine = engine
    return engine


def close_database() -> None:
    """Close every pooled connection of this process."""
    global _engine
    with _lock:
        if _engine is not None:
            _engine.dispose()
        _engine = None


def engine() -> Engine:
    """This process's engine; raises RuntimeError before `open_database`."""
    if _engine is None:
        raise RuntimeError("the database is not open: call open_database first")
    return _engine


def _opening(caller: Caller, seconds: int | None) -> bytes:
    return _begin_as(caller.channel, caller.partner_id, caller.customer_id, seconds)


@lru_cache(maxsize=4096)
def _begin_as(channel: Channel, partner_id: UUID | None, customer_id: UUID | None, seconds: int | None) -> bytes:
    # Simple protocol, so no parameters: every value is an enum member or a UUID, never text from outside.
    settings = f"SET LOCAL kopru.channel='{channel.value}'"
    if partner_id is not None:
        settings += f";SET LOCAL kopru.partner='{UUID(str(partner_id))}'"
    if customer_id is not None:
        settings += f";SET LOCAL kopru.customer='{UUID(str(customer_id))}'"
    if seconds is not None:
        settings += f";SET LOCAL statement_timeout='{int(seconds)}s'"
    return f"BEGIN;{settings}".encode()


def _send(raw: psycopg.Connection[TupleRow], commands: bytes) -> bytes | None:
    """Run commands without parameters and rows; answers what the last one did. Raises psycopg.Error.

    By libpq at once: a cursor, which can do far more, costs five times as much.
    """
    result = raw.pgconn.exec_(commands)
    if result.status != ExecStatus.COMMAND_OK:
        if raw.broken:
            raise psycopg.OperationalError("the connection to the database was lost")
        raise psycopg.errors.error_from_result(result)
    return result.command_status


def _begin(caller: Caller, seconds: int | None) -> tuple[PoolProxiedConnection, psycopg.Connection[TupleRow]]:
    # A pooled connection may have died with its server: the first statement finds out, and one fresh try follows.
    opening = _opening(caller, seconds)
    for attempt in (1, 2):
        try:
            pooled = engine().raw_connection()
        except (exc.TimeoutError, exc.OperationalError, psycopg.OperationalError) as error:
            _unavailable(error)
        raw: psycopg.Connection[TupleRow] = pooled.dbapi_connection  # type: ignore[assignment]
        try:
            _send(raw, opening)
            return pooled, raw
        except psycopg.OperationalError as error:
            pooled.invalidate()
            engine().dispose()
            if attempt == 2:
                _unavailable(error)
    raise AssertionError("unreachable")


def _unavailable(error: Exception) -> NoReturn:
    log.warning("database_unavailable", extra={"error": type(error).__name__})
    raise Unavailable("The database does not answer; try again in a moment.", headers={"Retry-After": "2"}) from error


@contextmanager
def transaction(caller: Caller, *, statement_seconds: int | None = None) -> Iterator[Transaction]:
    """The one place that commits: BEGIN in the caller's name, then COMMIT, or ROLLBACK on any raise.

    Raises Unavailable (503) when the database cannot be reached. `statement_seconds` overrides the deadline of one
    statement, for bulk work.
    """
    pooled, raw = _begin(caller, statement_seconds)
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
