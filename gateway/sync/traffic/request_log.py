"""The requests of a run, kept for a week: written in batches, and of a very long run the telling ones."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import exc, select, text

from connectors.http import Exchange
from gateway.channels import Caller
from gateway.db import Query, Transaction, now, transaction
from gateway.errors import Unavailable
from gateway.sync.traffic.models import SentRequest

log = logging.getLogger(__name__)

_FIRST, _LAST, _FAILED = 200, 1000, 1000
_BATCH, _BATCH_SECONDS, _TRIM_EVERY = 100, 2.0, 1000
_KEPT = timedelta(days=7)
_LONGEST = 500
_CALLER = Caller.system("sync")

_ADD = Query(
    text(
        """
        INSERT INTO sync_requests (run_id, at, method, path, status, error, duration_ms, sent_bytes, received_bytes)
        SELECT :run, r.* FROM jsonb_to_recordset(:rows) AS r (
            at timestamptz, method text, path text, status integer, error text, duration_ms integer,
            sent_bytes bigint, received_bytes bigint)
        """
    )
)
# The first ones show how it began, the last ones how it goes, and failures are what one looks for.
# Each bound is looked up once, whatever the plan: a join is quadratic while statistics lag behind a run that grows.
_TRIM = Query(
    text(
        """
        DELETE FROM sync_requests WHERE run_id = :run
        AND number > (
            SELECT number FROM sync_requests WHERE run_id = :run ORDER BY number LIMIT 1 OFFSET :first - 1)
        AND number < (
            SELECT number FROM sync_requests WHERE run_id = :run ORDER BY number DESC LIMIT 1 OFFSET :last - 1)
        AND (coalesce(status, 599) < 400 OR number > (
            SELECT number FROM sync_requests WHERE run_id = :run AND coalesce(status, 599) >= 400
            ORDER BY number LIMIT 1 OFFSET :failed - 1))
        """
    )
)
_FORGET = Query(
    text(
        "DELETE FROM sync_requests WHERE number IN "
        "(SELECT number FROM sync_requests WHERE at < now() - CAST(:kept AS interval) LIMIT 10000)"
    )
)


class RequestLog:
    """What one attempt at a run sends; a log that cannot be written stops nothing."""

    def __init__(self, run_id: UUID) -> None:
        self._run_id = run_id
        self._rows: list[dict[str, Any]] = []
        self._written_at = time.monotonic()
        self._untrimmed = 0
        self._lock = threading.Lock()

    def add(self, exchange: Exchange) -> None:
        """Note an exchange; written soon."""
        with self._lock:
            self._rows.append(_row(exchange))
            is_due = len(self._rows) >= _BATCH or time.monotonic() - self._written_at > _BATCH_SECONDS
        if is_due:
            self.write()

    def write(self) -> None:
        """Write what is not written yet."""
        with self._lock:
            rows, self._rows = self._rows, []
            self._written_at = time.monotonic()
            self._untrimmed += len(rows)
            is_long = self._untrimmed >= _TRIM_EVERY
            self._untrimmed = 0 if is_long else self._untrimmed
        if not rows:
            return
        try:
            with transaction(_CALLER) as tx:
                # A crash of the database may cost the last entries; the run does not wait for its disk.
                tx.raw.execute(b"SET LOCAL synchronous_commit = off")
                tx.run(_ADD, run=self._run_id, rows=Jsonb(rows))
                if is_long:
                    trim(tx, self._run_id)
        except (psycopg.Error, exc.SQLAlchemyError, Unavailable) as error:
            log.warning("request_log_not_written", extra={"run": str(self._run_id), "error": type(error).__name__})


def trim(tx: Transaction, run_id: UUID) -> None:
    """Keep the first 200, the last 1000 and 1000 failures of a run."""
    tx.run(_TRIM, run=run_id, first=_FIRST, last=_LAST, failed=_FAILED)


def list_requests(
    tx: Transaction, run_id: UUID, after: int | None = None, limit: int | None = None
) -> Sequence[SentRequest]:
    """The requests of a run that are kept, in the order in which they ended."""
    statement = select(SentRequest).where(SentRequest.run_id == run_id).order_by(SentRequest.number).limit(limit)
    return tx.scalars(statement if after is None else statement.where(SentRequest.number > after))


def forget_old(tx: Transaction) -> int:
    """Remove up to ten thousand requests older than a week; answers how many."""
    return tx.run(_FORGET, kept=_KEPT)


def _row(exchange: Exchange) -> dict[str, Any]:
    ended: datetime = now()
    return {
        "at": ended - timedelta(seconds=exchange.seconds),
        "method": exchange.method,
        "path": _storable(exchange.path),
        "status": exchange.status,
        "error": None if exchange.error is None else _storable(exchange.error),
        "duration_ms": round(exchange.seconds * 1000),
        "sent_bytes": exchange.sent_bytes,
        "received_bytes": exchange.received_bytes,
    }


def _storable(written: str) -> str:
    return written[:_LONGEST].replace("\x00", "").encode("utf-8", "replace").decode()
