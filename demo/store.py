"""A dealer's own database: one SQLite file, one writer at a time, times that only ever grow.

A page is a keyset on (updated_at, external_id). Because every change takes the next microsecond under the lock that
also commits it, nothing can appear behind a reader: a record that stays is met once, one that changes moves to the end.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from threading import RLock
from typing import Any

from demo.names import to_folded
from demo.records import Record, stamp

STREAMS = {"customers": "", "interactions": "I"}
"""The streams, each with the letter that begins its external ids' numbers."""

OWN_FIELDS = ("external_id", "updated_at", "version")
"""What the dealer's system sets by itself, whatever a writer sends."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
    stream TEXT NOT NULL, external_id TEXT NOT NULL, updated_at TEXT NOT NULL, version INTEGER NOT NULL,
    reference TEXT, owner TEXT, is_deleted INTEGER NOT NULL DEFAULT 0, words TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (stream, external_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS record_by_time ON record (stream, updated_at, external_id);
CREATE UNIQUE INDEX IF NOT EXISTS record_by_reference ON record (stream, reference) WHERE reference IS NOT NULL;
CREATE INDEX IF NOT EXISTS record_by_owner ON record (owner) WHERE owner IS NOT NULL;
"""
_SAVE = """
INSERT OR REPLACE INTO record (stream, external_id, updated_at, version, reference, owner, words, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_BURY = """
UPDATE record SET is_deleted = 1, reference = NULL, words = '', updated_at = ?, body = ?
WHERE stream = ? AND external_id = ?
"""
_BODY = "SELECT body FROM record WHERE stream = ? AND external_id = ? AND is_deleted = 0"
_REFERENCE = "SELECT external_id FROM record WHERE stream = ? AND reference = ? AND external_id <> ?"
_PAGE = "SELECT updated_at, external_id, body FROM record WHERE {} ORDER BY updated_at, external_id LIMIT ?"
_OWNED = "SELECT external_id FROM record WHERE owner = ? AND is_deleted = 0 ORDER BY external_id"
_PICK = "SELECT body FROM record WHERE stream = ? AND is_deleted = 0 AND external_id >= ? ORDER BY external_id LIMIT 1"


class RecordNotFound(Exception):
    """No living record has this external id."""


class CustomerUnknown(Exception):
    """An interaction names a customer that this dealer does not have."""


class ReferenceTaken(Exception):
    """Another record, named by its external id, already carries this reference."""


class VersionConflict(Exception):
    """The record has moved on to the named version since the writer saw it."""


class StoreInUse(Exception):
    """Another process holds this dealer's file."""


@dataclass(frozen=True, slots=True)
class Query:
    """What a list was asked for; `since` and the time in `after` are written like `updated_at`."""

    limit: int = 50
    since: str | None = None
    after: tuple[str, str] | None = None
    reference: str | None = None
    words: str | None = None
    with_deleted: bool = False

    def conditions(self, stream: str) -> tuple[str, list[Any]]:
        """The WHERE clause and its values."""
        wanted: dict[str, list[Any] | None] = {
            "stream = ?": [stream],
            "is_deleted = 0": None if self.with_deleted else [],
            "updated_at >= ?": [self.since] if self.since else None,
            "(updated_at, external_id) > (?, ?)": list(self.after) if self.after else None,
            "reference = ?": [self.reference] if self.reference is not None else None,
            "instr(words, ?)": [to_folded(self.words)] if self.words else None,
        }
        chosen = {clause: values for clause, values in wanted.items() if values is not None}
        return " AND ".join(chosen), [value for values in chosen.values() for value in values]


class Store:
    """One dealer's records. Every method may be called from any thread; single items go in and out as JSON objects."""

    def __init__(self, path: Path, prefix: str) -> None:
        self._prefix = prefix
        self._lock = RLock()
        # isolation_level None: _writing alone opens and closes transactions, so a half-done change is never committed.
        self._db = sqlite3.connect(path, timeout=0.5, isolation_level=None, check_same_thread=False)
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._db.close()
            if getattr(error, "sqlite_errorname", "") == "SQLITE_BUSY":
                raise StoreInUse(str(path)) from error
            raise

    def _prepare(self) -> None:
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT")
        self._remember()

    def _remember(self) -> None:
        """Tombstones keep their row, so the greatest id and time ever given are those in the table."""
        self._last = datetime.fromisoformat(self._one("SELECT max(updated_at) FROM record") or "2000-01-01T00:00:00Z")
        ids = {stream: self._one("SELECT max(external_id) FROM record WHERE stream = ?", stream) for stream in STREAMS}
        self._numbers = {stream: _number(external_id) for stream, external_id in ids.items()}

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever stored here."""
        return not any(self._numbers.values())

    def fill(self, customers: Iterable[Record], interactions: Iterable[Record]) -> None:
        """Take over a dealer's past, all of it or nothing."""
        with self._writing():
            self._db.executemany(_SAVE, (_row("customers", each) for each in customers))
            self._db.executemany(_SAVE, (_row("interactions", each) for each in interactions))
            self._remember()

    def page(self, stream: str, query: Query) -> tuple[list[str], tuple[str, str] | None]:
        """One page of items, as JSON text, ordered by (updated_at, external_id), and what the next one comes after."""
        where, values = query.conditions(stream)
        rows = self._all(_PAGE.format(where), *values, query.limit + 1)
        shown = rows[: query.limit]
        return [body for _, _, body in shown], shown[-1][:2] if len(rows) > query.limit else None

    def count(self, stream: str, query: Query) -> int:
        """How many records the whole list has."""
        where, values = query.conditions(stream)
        return int(self._one(f"SELECT count(*) FROM record WHERE {where}", *values))  # noqa: S608  (our own clauses)

    def get(self, stream: str, external_id: str) -> Record:
        """The living record with this external id."""
        body = self._one(_BODY, stream, external_id)
        if body is None:
            raise RecordNotFound(external_id)
        item: Record = json.loads(body)
        return item

    def pick(self, stream: str, rng: Random) -> Record | None:
        """Any living record."""
        body = self._one(_PICK, stream, self._external_id(stream, rng.randint(1, max(1, self._numbers[stream]))))
        item: Record | None = json.loads(body) if body else None
        return item

    def create(self, stream: str, item: Record) -> Record:
        """Add a record under the next external id and answer it as stored."""
        with self._writing():
            self._numbers[stream] += 1
            return self._save(stream, self._external_id(stream, self._numbers[stream]), item, 1)

    def change(
        self, stream: str, external_id: str, edit: Callable[[Record], Record], seen_version: str | None = None
    ) -> Record:
        """Replace a record by its edited self, if it still is at the version the writer saw."""
        with self._writing():
            item = self._seen(stream, external_id, seen_version)
            return self._save(stream, external_id, edit(item), int(item["version"]) + 1)

    def delete(self, stream: str, external_id: str, seen_version: str | None = None) -> None:
        """Leave a tombstone in a record's place; a customer takes its interactions along."""
        with self._writing():
            self._seen(stream, external_id, seen_version)
            if stream == "customers":
                for (owned,) in self._all(_OWNED, external_id):
                    self._bury("interactions", owned)
            self._bury(stream, external_id)

    def _seen(self, stream: str, external_id: str, seen_version: str | None) -> Record:
        item = self.get(stream, external_id)
        if seen_version not in (None, item["version"]):
            raise VersionConflict(item["version"])
        return item

    def _save(self, stream: str, external_id: str, item: Record, version: int) -> Record:
        if stream == "interactions" and self._one(_BODY, "customers", item.get("customer_external_id")) is None:
            raise CustomerUnknown(str(item.get("customer_external_id")))
        other = self._one(_REFERENCE, stream, item.get("reference"), external_id)
        if other:
            raise ReferenceTaken(other)
        own = {"external_id": external_id, "updated_at": self._tick(), "version": str(version)}
        saved = own | {name: value for name, value in item.items() if name not in OWN_FIELDS}
        self._db.execute(_SAVE, _row(stream, saved))
        return saved

    def _bury(self, stream: str, external_id: str) -> None:
        now = self._tick()
        tombstone = {"external_id": external_id, "deleted_at": now, "updated_at": now}
        self._db.execute(_BURY, (now, json.dumps(tombstone), stream, external_id))

    def _tick(self) -> str:
        self._last = max(datetime.now(UTC), self._last + timedelta(microseconds=1))
        return stamp(self._last)

    def _external_id(self, stream: str, number: int) -> str:
        return f"{self._prefix}-{STREAMS[stream]}{number:06d}"

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _all(self, sql: str, *values: Any) -> list[Any]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def _one(self, sql: str, *values: Any) -> Any:
        rows = self._all(sql, *values)
        return rows[0][0] if rows else None


def _number(external_id: str | None) -> int:
    return int(external_id.rpartition("-")[2].lstrip("I")) if external_id else 0


def _row(stream: str, item: Record) -> tuple[Any, ...]:
    return (
        stream,
        item["external_id"],
        item["updated_at"],
        int(item["version"]),
        item.get("reference"),
        item.get("customer_external_id") if stream == "interactions" else None,
        _words(item),
        json.dumps(item, ensure_ascii=False, separators=(",", ":")),
    )


def _words(item: Record) -> str:
    names = ("external_id", "given_name", "family_name", "organisation_name", "tax_id", "subject", "body")
    points = item.get("contact_points") or []
    said = [item.get(name) for name in names] + [point.get("value") for point in points]
    return to_folded(" ".join(str(each) for each in said if each))
