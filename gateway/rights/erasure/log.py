"""The erasure log: a file outside the database, so that a restored backup can be told whom it must not bring back.

A line is one erasure as it stands: ids, marks and times, nothing personal, with an HMAC of its own; the last line of a
case holds. It is appended and flushed to the disk before the database notes that it was.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import select

from gateway import vault
from gateway.config import read_settings
from gateway.customers import tombstones
from gateway.db import Transaction
from gateway.rights.erasure.models import Erasure

_PURPOSE = "erasure log"


class BadLine(Exception):
    """A line was altered, cut off, or written under a key that is gone; the message says which."""


class Line(NamedTuple):
    """One erasure as the log tells it; times are ISO 8601."""

    case_id: UUID
    customer_ids: list[UUID]
    key_name: str
    marks: list[bytes]
    erased_at: str
    readmitted_at: str | None


def write(tx: Transaction, erasure: Erasure) -> None:
    """Append an erasure as it stands, where a log is kept; raises OSError."""
    place = read_settings().erasure_file
    if place is None:
        return
    told = {
        "case_id": erasure.case_id, "customer_ids": erasure.customer_ids, "key_name": vault.key_names()[0],
        "marks": [mark.hex() for mark in tombstones.marks_of(tx, erasure.case_id)],
        "erased_at": erasure.erased_at, "readmitted_at": erasure.readmitted_at,
    }  # fmt: skip
    append(place, told)
    erasure.is_logged = True


def repair(tx: Transaction, most: int = 100) -> int:
    """Append what the log does not know of yet; answers how many there were."""
    unlogged = select(Erasure).where(Erasure.is_logged.is_(False), Erasure.erased_at.is_not(None)).limit(most)
    found = tx.scalars(unlogged.with_for_update(skip_locked=True))
    for erasure in found:
        write(tx, erasure)
    return len(found)


def append(place: Path, told: dict[str, Any]) -> None:
    """One line with its HMAC, on the disk when this returns; raises OSError."""
    content = orjson.dumps(told, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z).decode()
    line = f"{content}\t{vault.mark(content, _PURPOSE).hex()}\n".encode()
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, line if _is_whole(place) else b"\n" + line)
        os.fsync(file)
    finally:
        os.close(file)


def read(place: Path) -> tuple[list[Line], list[BadLine]]:
    """The last line of every case, in the order in which they were first told, and what cannot be relied on.

    Raises OSError.
    """
    found: dict[UUID, Line] = {}
    bad = []
    for number, raw in enumerate(place.read_text(errors="replace").splitlines(), 1):
        try:
            line = _read(number, raw)
        except BadLine as wrong:
            bad.append(wrong)
        else:
            found[line.case_id] = line
    return list(found.values()), bad


def unknown(tx: Transaction, lines: Sequence[Line]) -> int:
    """How many erasures of the log the database does not know of: it was restored from before."""
    known = select(Erasure.case_id).where(Erasure.erased_at.is_not(None))
    there = set(tx.scalars(known.where(Erasure.case_id.in_([line.case_id for line in lines]))))
    return sum(line.case_id not in there and line.readmitted_at is None for line in lines)


def _is_whole(place: Path) -> bool:
    """Whether the last line has its end: one that a crash cut off must not spoil the next."""
    content = place.read_bytes()[-1:]
    return content in (b"", b"\n")


def _read(number: int, raw: str) -> Line:
    content, _, mac = raw.rpartition("\t")
    if not any(hmac.compare_digest(each.hex().encode(), mac.encode()) for each in vault.marks(content, _PURPOSE)):
        raise BadLine(f"line {number} was altered or cut off, or its key is not among KOPRU_VAULT_KEYS")
    told = orjson.loads(content)
    marks: Sequence[str] = told["marks"]
    return Line(
        UUID(told["case_id"]), [UUID(each) for each in told["customer_ids"]], told["key_name"],
        [bytes.fromhex(mark) for mark in marks], told["erased_at"], told["readmitted_at"],
    )  # fmt: skip
