"""Outbound operations: every write to a partner stands in a row before the call, and leaves it when it is done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway import bulk
from gateway.db import Query, Transaction, new_id, now
from gateway.sync.work import Link


@dataclass(frozen=True, slots=True)
class Wish:
    """A record the partner should get; `changed` names the fields, none means all of it."""

    record_id: UUID
    changed: tuple[str, ...] = ()
    is_deletion: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """An open operation with what is known of the record at the partner.

    `was_sent` says that an earlier answer was lost, `sent` what was sent then; `said` is the partner's last word with
    what we wrote over it, `written` names the fields of that which were not read back yet. `wished_at` moves with every
    wish that joins.
    """

    id: UUID
    op: str
    record_id: UUID
    changed: list[str]
    was_sent: bool
    sent: bytes | None
    tries: int
    external_id: str | None
    version: str | None
    said: bytes | None
    written: list[str] | None
    is_deleted_there: bool
    wished_at: datetime

    @property
    def is_in_doubt(self) -> bool:
        """Whether it is a create that may have happened already, and nobody knows the record's name there."""
        return self.op == "create" and self.was_sent and self.external_id is None


_WISH_TYPES = {"id": "uuid", "record_id": "uuid", "changed": "text[]", "is_deletion": "boolean"}
# A record the partner deleted is not made again; one that began there is not deleted there by us.
_ADD = Query(
    text(
        """
        INSERT INTO sync_operations AS kept
            (id, link_id, stream, record_id, op, state, changed, tries, due_at, wished_at, created_at)
        SELECT w.id, :link, :stream, w.record_id,
               CASE WHEN w.is_deletion THEN 'delete' WHEN r.record_id IS NULL THEN 'create' ELSE 'update' END,
               'open', w.changed, 0, :at, :at, :at
        FROM stage_wishes w
        LEFT JOIN LATERAL (
            SELECT * FROM sync_references WHERE link_id = :link AND stream = :stream AND record_id = w.record_id LIMIT 1
        ) r ON true
        WHERE r.deleted_at IS NULL AND (NOT w.is_deletion OR r.is_ours)
        ORDER BY w.id
        ON CONFLICT (link_id, stream, record_id) DO UPDATE SET
            op = CASE WHEN excluded.op = 'delete' THEN 'delete' ELSE kept.op END,
            changed = CASE WHEN cardinality(kept.changed) = 0 OR cardinality(excluded.changed) = 0 THEN '{}'
                           ELSE ARRAY(SELECT DISTINCT unnest(kept.changed || excluded.changed)) END,
            state = 'open', tries = 0, due_at = excluded.due_at, wished_at = excluded.wished_at, error = NULL
        """
    )
)
_OF_THESE = "link_id = :link AND stream = :stream AND record_id = ANY(:ids)"
_IN_THE_AIR = "op = 'create' AND sent_at IS NOT NULL"
_DROP = Query(text(f"DELETE FROM sync_operations WHERE {_OF_THESE} AND NOT ({_IN_THE_AIR})"))  # noqa: S608
# What the partner may have already is recognised by our reference, should it come from there, or be shared again.
_LET_STAND = Query(
    text(
        f"UPDATE sync_operations SET state = 'sent', sent = NULL, error = NULL WHERE {_OF_THESE} AND {_IN_THE_AIR}"  # noqa: S608
    )
)
_DUE = Query(
    # Lateral, or a planner that last saw small tables compares each operation with every reference of the link.
    text(
        """
        SELECT o.id, o.op, o.record_id, o.changed, o.sent_at IS NOT NULL, o.sent, o.tries,
               r.external_id, r.version, r.said, r.written, coalesce(r.deleted_at IS NOT NULL, false), o.wished_at
        FROM sync_operations o
        LEFT JOIN LATERAL (
            SELECT * FROM sync_references r
            WHERE r.link_id = o.link_id AND r.stream = o.stream AND r.record_id = o.record_id LIMIT 1
        ) r ON true
        WHERE o.link_id = :link AND o.stream = :stream AND o.state = 'open' AND o.due_at <= :at
          AND (o.stale_version IS NULL OR r.version IS DISTINCT FROM o.stale_version)
        ORDER BY o.id LIMIT :limit
        """
    )
)
_MARK = Query(
    text(
        """
        UPDATE sync_operations o SET sent_at = :at, sent = m.sent, stale_version = NULL
        FROM unnest(CAST(:ids AS uuid[]), CAST(:sent AS bytea[])) AS m (id, sent) WHERE o.id = m.id
        """
    )
)
_FINISH = Query(
    text(
        """
        DELETE FROM sync_operations o
        USING unnest(CAST(:ids AS uuid[]), CAST(:wished AS timestamptz[])) AS d (id, wished_at)
        WHERE o.id = d.id AND o.wished_at = d.wished_at
        """
    )
)
_GO_ON = Query(text("UPDATE sync_operations SET sent_at = NULL, sent = NULL WHERE id = ANY(:ids)"))
_AWAIT_NAME = Query(
    text(
        """
        UPDATE sync_operations o SET state = 'sent', error = NULL
        FROM unnest(CAST(:ids AS uuid[]), CAST(:wished AS timestamptz[])) AS d (id, wished_at)
        WHERE o.id = d.id AND o.wished_at = d.wished_at
        """
    )
)
_NAMED = Query(
    text(
        "DELETE FROM sync_operations "
        "WHERE link_id = :link AND stream = :stream AND record_id = ANY(:ids) AND state = 'sent'"
    )
)
_POSTPONE = Query(text("UPDATE sync_operations SET due_at = :until WHERE id = ANY(:ids)"))
_STALE = Query(
    text(
        "UPDATE sync_operations SET sent_at = NULL, stale_version = :version, error = :error, due_at = :until "
        "WHERE id = :id"
    )
)
_GIVE_UP = Query(text("UPDATE sync_operations SET state = 'failed', sent_at = :sent_at, error = :error WHERE id = :id"))
_TRY_LATER = Query(text("UPDATE sync_operations SET due_at = :until, error = :error, tries = tries + 1 WHERE id = :id"))
_WAITING = "link_id = :link AND state = 'open' AND sent_at IS NOT NULL AND error IS NOT NULL"
_NEXT = Query(
    text(
        f"""
        SELECT error, greatest(extract(epoch FROM due_at - now()), 0)::float8 FROM sync_operations
        WHERE {_WAITING} ORDER BY due_at LIMIT 1
        """  # noqa: S608
    )
)
_BE_DUE = Query(text(f"UPDATE sync_operations SET due_at = :at WHERE {_WAITING} AND due_at > :at"))  # noqa: S608


def add(tx: Transaction, link_id: UUID, stream: str, wishes: Iterable[Wish]) -> None:
    """Turn wishes into operations; a second wish for a record joins the first."""
    joined: dict[UUID, Wish] = {}
    for wish in wishes:
        before = joined.pop(wish.record_id, None)
        joined[wish.record_id] = wish if before is None else _join(before, wish)
    if joined:
        rows = [(new_id(), wish.record_id, list(wish.changed), wish.is_deletion) for wish in joined.values()]
        bulk.stage(tx, "stage_wishes", _WISH_TYPES, rows)
        tx.run(_ADD, link=link_id, stream=stream, at=now())


def drop(tx: Transaction, link: Link, stream: str, record_ids: Iterable[UUID]) -> None:
    """Give up the operations of these records: the partner may not see them any more.

    A create that was sent stays known, without what was sent: nobody can tell yet whether it was taken.
    """
    ids = list(record_ids)
    if ids:
        tx.run(_LET_STAND, link=link.id, stream=stream, ids=ids)
        tx.run(_DROP, link=link.id, stream=stream, ids=ids)


def due(tx: Transaction, link: Link, stream: str, limit: int) -> list[Operation]:
    """The next operations, oldest first; those that met a stale record wait until it has been pulled."""
    return [Operation(*row) for row in tx.rows(_DUE, link=link.id, stream=stream, limit=limit, at=now())]


def mark_sent(tx: Transaction, marks: Sequence[tuple[UUID, bytes | None]]) -> None:
    """Say, before the call, that it may have happened."""
    if marks:
        tx.run(_MARK, at=now(), ids=[op_id for op_id, _ in marks], sent=[sent for _, sent in marks])


def finish(tx: Transaction, done: Sequence[Operation]) -> None:
    """Done, or nothing to be done; one that another wish has joined since it was read goes on."""
    if not done:
        return
    ids = [operation.id for operation in done]
    if tx.run(_FINISH, ids=ids, wished=[operation.wished_at for operation in done]) < len(ids):
        tx.run(_GO_ON, ids=ids)


def await_name(tx: Transaction, done: Sequence[Operation]) -> None:
    """Done, but for the partner to say what it calls the record: until then our reference is its name.

    One that another wish has joined since it was read goes on, and is still known to have been sent.
    """
    if done:
        wished = [operation.wished_at for operation in done]
        tx.run(_AWAIT_NAME, ids=[operation.id for operation in done], wished=wished)


def are_named(tx: Transaction, link_id: UUID, stream: str, record_ids: Iterable[UUID]) -> None:
    """The partner has said what it calls these records."""
    ids = list(record_ids)
    if ids:
        tx.run(_NAMED, link=link_id, stream=stream, ids=ids)


def postpone(tx: Transaction, ids: Sequence[UUID], until: datetime) -> None:
    """Leave operations alone for a while."""
    if ids:
        tx.run(_POSTPONE, ids=list(ids), until=until)


def wait_for_pull(tx: Transaction, op_id: UUID, version: str | None, error: str, until: datetime) -> None:
    """The partner's record moved on: wait until its version is another than this."""
    tx.run(_STALE, id=op_id, version=version, error=error, until=until)


def give_up(tx: Transaction, op_id: UUID, error: str, sent_at: datetime | None = None) -> None:
    """Keep the operation as failed, with its reason, until the record changes again."""
    tx.run(_GIVE_UP, id=op_id, error=error, sent_at=sent_at)


def try_later(tx: Transaction, op_id: UUID, error: str, until: datetime) -> None:
    """Leave a passing failure, its outcome unknown, for later."""
    tx.run(_TRY_LATER, id=op_id, error=error, until=until)


def next_retry(tx: Transaction, link: Link) -> tuple[str, float] | None:
    """The error of the operation that is tried again next, and in how many seconds; None when nothing waits."""
    row: Any = tx.first(_NEXT, link=link.id)
    return (row[0], row[1]) if row else None


def be_due(tx: Transaction, link: Link) -> None:
    """Have everything that waits to be tried again be due."""
    tx.run(_BE_DUE, link=link.id, at=now())


def _join(before: Wish, wish: Wish) -> Wish:
    whole = not before.changed or not wish.changed
    changed = () if whole else tuple(dict.fromkeys((*before.changed, *wish.changed)))
    return Wish(wish.record_id, changed, wish.is_deletion)
