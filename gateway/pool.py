"""The connections of this process to PostgreSQL, and how a transaction is begun on one of them."""

from __future__ import annotations

import logging
import threading
from functools import lru_cache
from typing import NoReturn
from uuid import UUID

import orjson
import psycopg
from psycopg.pq import ExecStatus
from psycopg.rows import TupleRow
from sqlalchemy import Engine, create_engine, exc
from sqlalchemy.pool import PoolProxiedConnection

from gateway.channels import Caller, Channel
from gateway.errors import Unavailable

log = logging.getLogger(__name__)
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


def opening(caller: Caller, seconds: int | None = None, idle_seconds: int | None = None) -> bytes:
    """What opens a transaction in a caller's name: BEGIN and its settings, in one round trip."""
    return _begin_as(caller.channel, caller.partner_id, caller.customer_id, seconds, idle_seconds)


@lru_cache(maxsize=4096)
def _begin_as(
    channel: Channel, partner_id: UUID | None, customer_id: UUID | None, seconds: int | None, idle_seconds: int | None
) -> bytes:
    # Simple protocol, so no parameters: every value is an enum member or a UUID, never text from outside.
    settings = f"SET LOCAL kopru.channel='{channel.value}'"
    if partner_id is not None:
        settings += f";SET LOCAL kopru.partner='{UUID(str(partner_id))}'"
    if customer_id is not None:
        settings += f";SET LOCAL kopru.customer='{UUID(str(customer_id))}'"
    if seconds is not None:
        settings += f";SET LOCAL statement_timeout='{int(seconds)}s'"
    if idle_seconds is not None:
        settings += f";SET LOCAL idle_in_transaction_session_timeout='{int(idle_seconds)}s'"
    return f"BEGIN;{settings}".encode()


def send(raw: psycopg.Connection[TupleRow], commands: bytes) -> bytes | None:
    """Run commands without parameters and rows; answers what the last one did. Raises psycopg.Error.

    By libpq at once: a cursor, which can do far more, costs five times as much.
    """
    result = raw.pgconn.exec_(commands)
    if result.status != ExecStatus.COMMAND_OK:
        if raw.broken:
            raise psycopg.OperationalError("the connection to the database was lost")
        raise psycopg.errors.error_from_result(result)
    return result.command_status


def begin(
    caller: Caller, seconds: int | None, idle_seconds: int | None = None
) -> tuple[PoolProxiedConnection, psycopg.Connection[TupleRow]]:
    """A connection on which a transaction is open in the caller's name; raises Unavailable (503).

    A pooled one may have died with its server: the first statement finds out, and one fresh try follows.
    """
    commands = opening(caller, seconds, idle_seconds)
    for attempt in (1, 2):
        try:
            pooled = engine().raw_connection()
        except (exc.TimeoutError, exc.OperationalError, psycopg.OperationalError) as error:
            _unavailable(error)
        raw: psycopg.Connection[TupleRow] = pooled.dbapi_connection  # type: ignore[assignment]
        try:
            send(raw, commands)
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
