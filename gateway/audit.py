"""The audit trail: append-only entries, sealed in commit order into a hash chain by a background job.

An entry is written in the transaction of what it records; sealing happens later, so no write waits for another.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from psycopg.types.json import Jsonb
from sqlalchemy import BigInteger, ForeignKey, LargeBinary, Text, bindparam, cast, column, func, insert, select, text
from sqlalchemy import table as sql_table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.commit_order import Place, move_place, take_place
from gateway.db import Base, Id, Query, Transaction, new_id, now


class AuditEntry(Base):
    """Who did what to which record, from where and why. Its `txid` places it in commit order."""

    __tablename__ = "audit_entries"

    id: Mapped[Id]
    position: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    resource: Mapped[str] = mapped_column(Text)
    resource_id: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    request_id: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)


class AuditSeal(Base):
    """One link of the chain: `hash` covers the link before it and the entry's every field."""

    __tablename__ = "audit_seals"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("audit_entries.id"))
    hash: Mapped[bytes] = mapped_column(LargeBinary)


_READER = "audit"
_FIELDS = (
    "id", "at", "actor", "channel", "action", "resource", "resource_id", "address", "request_id", "purpose", "detail",
)  # fmt: skip
_INSERT = Query(insert(AuditEntry).values({name: bindparam(name) for name in _FIELDS}))

_entries = sql_table("audit_entries", column("txid"), column("position"), *map(column, _FIELDS))
_COLUMNS = [getattr(_entries.c, name) for name in _FIELDS]
_UNSEALED = Query(
    select(cast(_entries.c.txid, Text), _entries.c.position, *_COLUMNS)
    .where(
        _entries.c.txid < func.pg_snapshot_xmin(func.pg_current_snapshot()),
        text("(txid, position) > (CAST(CAST(:after_txid AS text) AS xid8), CAST(:after_position AS bigint))"),
    )
    .order_by(_entries.c.txid, _entries.c.position)
    .limit(bindparam("limit"))
)
_CHAIN = Query(
    select(AuditSeal.number, AuditSeal.hash, *_COLUMNS)
    .join_from(AuditSeal, _entries, _entries.c.id == AuditSeal.entry_id)
    .where(AuditSeal.number > bindparam("after"))
    .order_by(AuditSeal.number)
    .limit(1000)
)
_LAST_SEAL = Query(select(AuditSeal.number, AuditSeal.hash).order_by(AuditSeal.number.desc()).limit(1))
_ADD_SEAL = Query(
    insert(AuditSeal).values(number=bindparam("number"), entry_id=bindparam("entry_id"), hash=bindparam("hash"))
)


class Verdict(NamedTuple):
    """How many links were checked, and the number of the first that does not hold (None when all do)."""

    checked: int
    broken_at: int | None


def record(
    tx: Transaction, action: str, resource: str, resource_id: object, detail: dict[str, Any] | None = None
) -> None:
    """Write one entry about `tx.caller` in this very transaction; `detail` holds names of fields, never secrets."""
    caller = tx.caller
    tx.run(
        _INSERT,
        id=new_id(),
        at=now(),
        actor=caller.actor,
        channel=caller.channel.value,
        action=action,
        resource=resource,
        resource_id=str(resource_id),
        address=caller.address,
        request_id=caller.request_id,
        purpose=caller.purpose,
        detail=Jsonb(detail or {}),
    )


def link(previous: bytes, entry: tuple[Any, ...]) -> bytes:
    """The hash of one link: SHA-256 over the previous hash and the entry's fields in fixed order."""
    return hashlib.sha256(previous + orjson.dumps(entry, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)).digest()


def seal(tx: Transaction, limit: int = 1000) -> int:
    """Chain the next entries in commit order; answers how many. Sealers take turns on the reader's place."""
    place = take_place(tx, _READER)
    last = tx.first(_LAST_SEAL)
    number, previous = last if last else (0, b"")
    entries = tx.rows(_UNSEALED, after_txid=place.txid, after_position=place.position, limit=limit)
    for txid, position, *entry in entries:
        number, previous, place = number + 1, link(previous, tuple(entry)), Place(txid, position)
        tx.run(_ADD_SEAL, number=number, entry_id=entry[0], hash=previous)
    move_place(tx, _READER, place)
    return len(entries)


def verify(tx: Transaction) -> Verdict:
    """Recompute the chain from its first link to its last."""
    number, previous = 0, b""
    while chain := tx.rows(_CHAIN, after=number):
        for found, sealed, *entry in chain:
            previous = link(previous, tuple(entry))
            if found != number + 1 or bytes(sealed) != previous:
                return Verdict(number, number + 1)
            number = found
    return Verdict(number, None)
