"""What a steward can do with conflicts: look, and settle. Nothing here commits."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import ValidationError
from sqlalchemy import select

from gateway import audit
from gateway.db import Transaction, now
from gateway.errors import Conflict, Invalid
from gateway.provenance import Source, source_of
from gateway.sync import operations
from gateway.sync.merging.models import SyncConflict
from gateway.sync.merging.words import Row, field_of
from gateway.sync.operations import Wish
from gateway.sync.streams import STREAMS, Stream
from gateway.validation import flatten, messages_of


class ConflictSettled(Conflict):
    """Somebody, or a rule, was faster."""

    code, title = "conflict_settled", "This conflict is settled already"


def list_conflicts(
    tx: Transaction, filters: dict[str, Any], after: UUID | None = None, limit: int | None = None
) -> list[SyncConflict]:
    """Conflicts, the oldest first; `filters` are columns with their values."""
    statement = select(SyncConflict).filter_by(**filters).order_by(SyncConflict.id)
    if after is not None:
        statement = statement.where(SyncConflict.id > after)
    return tx.scalars(statement if limit is None else statement.limit(limit))


def get_conflict(tx: Transaction, conflict_id: UUID, *, lock: bool = False) -> SyncConflict:
    """One conflict, with `lock` as it stands now; raises NotFound."""
    return tx.get(SyncConflict, conflict_id, lock=lock)


def settle(tx: Transaction, conflict_id: UUID, choose: str, value: Any = None) -> SyncConflict:
    """Have both sides take our value, the partner's, or another one given in the form of the record.

    What changes here goes to every link as any change does, and ours goes back to the partner. Raises NotFound,
    ConflictSettled, Invalid for a value that the record cannot carry.
    """
    conflict = get_conflict(tx, conflict_id)
    stream = STREAMS[conflict.stream]
    # A page of sync locks records before their conflicts; in another order the two would wait for each other.
    row = stream.fetch(tx, [conflict.record_id]).get(conflict.record_id)
    conflict = get_conflict(tx, conflict_id, lock=True)
    if conflict.status != "open":
        raise ConflictSettled
    if row is None:
        return _close(tx, conflict, "gone")
    if choose == "theirs":
        source = Source(str(conflict.link_id), conflict.their_time or now())
        _write(tx, stream, row, conflict, conflict.theirs, source)
    elif choose == "value":
        _write(tx, stream, row, conflict, value, source_of(tx.caller))
    operations.add(tx, conflict.link_id, stream.name, [Wish(conflict.record_id, (field_of(conflict.field),))])
    return _close(tx, conflict, choose)


def _write(tx: Transaction, stream: Stream, row: Row, conflict: SyncConflict, value: Any, source: Source) -> None:
    try:
        words = _read(stream, conflict.field, value)
        change = stream.apply(row, {conflict.field: words}, source)
    except Invalid as invalid:
        raise Invalid(errors=[{**error, "pointer": _below(error["pointer"])} for error in invalid.errors]) from None
    stream.change(tx, [change] if change else [])


def _read(stream: Stream, path: str, value: Any) -> Any:
    """A value in the form of the record as the hub would store it; raises Invalid with pointers into the record."""
    name, _, key = path.partition("/")
    written = {key: value} if key else value
    try:
        loaded = stream.schema.fields[name].deserialize(written, name, {name: written})
    except ValidationError as wrong:
        raise Invalid(errors=list(flatten({name: messages_of(wrong)}))) from None
    words = stream.words({name: loaded}, {})[name]
    return words.get(key) if key else words


def _below(pointer: str) -> str:
    """A pointer into the record as one into the value that was given for one of its fields."""
    _, _, rest = pointer.removeprefix("/").partition("/")
    return f"/value/{rest}" if rest else "/value"


def _close(tx: Transaction, conflict: SyncConflict, chosen: str) -> SyncConflict:
    conflict.status, conflict.chosen = "settled", chosen
    conflict.settled_by, conflict.settled_at = tx.caller.actor, now()
    tx.session.flush()
    detail = {"field": conflict.field, "chosen": chosen, "record_id": str(conflict.record_id)}
    audit.record(tx, "sync.conflict.settled", "sync_conflict", conflict.id, detail)
    return conflict
