"""Which record of a partner is which of ours: reading and writing the cross references of a link, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from gateway import bulk
from gateway.db import Query, Transaction, now
from gateway.sync import aliases


class Known(NamedTuple):
    """What we remember of a partner's record; `is_unread` says that we wrote there and did not read it back yet.

    `alias_of` is the record it has become part of, where the partner has two of that: `record_id` is then its own
    former one, under which its words are remembered.
    """

    external_id: str
    record_id: UUID
    content_hash: bytes | None
    version: str | None
    is_ours: bool
    is_deleted: bool
    status_before: str | None = None
    is_unread: bool = False
    alias_of: UUID | None = None

    @property
    def owner(self) -> UUID:
        """Our record that it speaks of."""
        return self.alias_of or self.record_id


class Seen(NamedTuple):
    """What a page told of a partner's record; `said` is its content as it came, `content_hash` of that.

    `rewritten` names the fields that we wrote and that come back as something else.
    """

    external_id: str
    record_id: UUID
    content_hash: bytes
    version: str | None
    said: bytes
    rewritten: list[str] | None = None


_COLUMNS = (
    "external_id, record_id, content_hash, version, is_ours, deleted_at IS NOT NULL, status_before, written <> '{}', "
    "alias_of"
)
_FIND = Query(
    text(
        f"SELECT {_COLUMNS} FROM sync_references "  # noqa: S608
        "WHERE link_id = :link AND stream = :stream AND external_id = ANY(:ids)"
    )
)
# Compared where it lies: of most records of most pages nothing but the name has to come back. By two lists and no
# join, for that cannot be planned badly.
_UNCHANGED = Query(
    text(
        """
        SELECT external_id FROM sync_references
        WHERE link_id = :link AND stream = :stream AND external_id = ANY(:ids)
          AND deleted_at IS NULL AND written = '{}'
          AND concat_ws(E'\\x1f', external_id, encode(content_hash, 'hex'), coalesce(version, ''))
              = ANY(:told)
        """
    )
)
# `said` goes there as text: as bytea it would be twice as long on its way. The hash does, too: a bytea has a backslash,
# for which every value of its line would have to be escaped.
_SEEN_TYPES = {
    "external_id": "text", "record_id": "uuid", "content_hash": "text", "version": "text", "said": "text",
    "rewritten": "text[]",
}  # fmt: skip
# What is new needs no look for a conflict.
_ADD = Query(
    text(
        """
        INSERT INTO sync_references (link_id, stream, external_id, record_id, content_hash, version, said, is_ours)
        SELECT :link, :stream, external_id, record_id, decode(content_hash, 'hex'), version,
            convert_to(said, 'UTF8'), false
        FROM stage_seen
        """
    )
)
_SAVE = Query(
    text(
        """
        INSERT INTO sync_references AS kept
            (link_id, stream, external_id, record_id, content_hash, version, said, rewritten, is_ours)
        SELECT :link, :stream, external_id, record_id, decode(content_hash, 'hex'), version,
            convert_to(said, 'UTF8'), coalesce(rewritten, '{}'), record_id = ANY(:ours)
        FROM stage_seen
        ON CONFLICT (link_id, stream, external_id) DO UPDATE
        SET content_hash = excluded.content_hash, version = excluded.version, said = excluded.said, written = '{}',
            rewritten = CASE WHEN kept.written <> '{}' THEN excluded.rewritten ELSE kept.rewritten END,
            deleted_at = NULL, status_before = NULL,
            known_since = CASE WHEN kept.deleted_at IS NULL THEN kept.known_since ELSE now() END
        """
    )
)
_END = Query(
    text(
        """
        UPDATE sync_references SET deleted_at = :at, content_hash = NULL, version = NULL
        WHERE link_id = :link AND stream = :stream AND external_id = ANY(:ids) AND deleted_at IS NULL
        RETURNING external_id, record_id, is_ours, alias_of
        """
    )
)
_LIVING = Query(
    text(
        "SELECT external_id, coalesce(alias_of, record_id) FROM sync_references "
        "WHERE link_id = :link AND stream = :stream AND external_id = ANY(:ids) AND deleted_at IS NULL"
    )
)
_NAMED = Query(
    text(
        "SELECT record_id, external_id FROM sync_references WHERE link_id = :link AND stream = :stream "
        "AND record_id = ANY(:ids) AND deleted_at IS NULL"
    )
)


def find(tx: Transaction, link_id: UUID, stream: str, external_ids: Iterable[str]) -> dict[str, Known]:
    """What is known of these external ids."""
    rows = tx.rows(_FIND, link=link_id, stream=stream, ids=bulk.as_array(external_ids))
    return {row[0]: Known(*row) for row in rows}


def told(external_id: str, content_hash: bytes, version: str | None) -> str:
    """What a partner says of a record, as `unchanged` compares it with what is known."""
    return f"{external_id}\x1f{content_hash.hex()}\x1f{version or ''}"


def unchanged(tx: Transaction, link_id: UUID, stream: str, told: Mapping[str, str]) -> set[str]:
    """Of records, by external id, those of which all that is told is known already."""
    ids, words = bulk.as_array(told), bulk.as_array(told.values())
    return {row[0] for row in tx.rows(_UNCHANGED, link=link_id, stream=stream, ids=ids, told=words)}


def save(
    tx: Transaction,
    link_id: UUID,
    stream: str,
    seen: Sequence[Seen],
    ours: Iterable[UUID] = (),
    drafted: Iterable[bytes] = (),
) -> None:
    """Remember what a page told, also as drafts of it; `ours` are the records among them that began in the hub."""
    if lines := list(drafted):
        bulk.stage_lines(tx, "stage_seen", _SEEN_TYPES, lines)
        tx.run(_ADD, link=link_id, stream=stream)
    if seen:
        bulk.stage_lines(tx, "stage_seen", _SEEN_TYPES, map(_line, seen))
        tx.run(_SAVE, link=link_id, stream=stream, ours=list(ours))


def stage(tx: Transaction, drafted: list[bytes]) -> None:
    """Send drafts ahead of the `save` that will probably come in this transaction."""
    bulk.stage_ahead(tx, "stage_seen", _SEEN_TYPES, drafted)


def draft(external_id: str, record_id: str, content_hash: bytes, version: str | None, said: bytes) -> bytes:
    """What `save` takes for a record that is new here."""
    return bulk.as_line([external_id, record_id, content_hash.hex(), version, said.decode(), None])


def end(tx: Transaction, link_id: UUID, stream: str, external_ids: Iterable[str]) -> list[tuple[str, UUID, bool]]:
    """Mark records as deleted at the partner; answers (external id, record, is ours) of those that were not yet.

    Of two that are one customer the other is left: nothing has ended then but a name.
    """
    rows = tx.rows(_END, link=link_id, stream=stream, ids=list(external_ids), at=now())
    left = aliases.stand_in(tx, link_id, stream, [row[1] for row in rows if row[3] is None])
    return [(row[0], row[1], row[2]) for row in rows if row[3] is None and row[1] not in left]


def living(tx: Transaction, link_id: UUID, stream: str, external_ids: Iterable[str]) -> dict[str, UUID]:
    """Our records of these external ids, as far as the partner still has them."""
    return dict(tx.rows(_LIVING, link=link_id, stream=stream, ids=list(external_ids)))


def named(tx: Transaction, link_id: UUID, stream: str, record_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What the partner calls our records, as far as it has them."""
    return dict(tx.rows(_NAMED, link=link_id, stream=stream, ids=list(record_ids)))


def _line(seen: Seen) -> bytes:
    rewritten = None if seen.rewritten is None else bulk.as_array(seen.rewritten)
    content_hash, said = seen.content_hash.hex(), seen.said.decode()
    return bulk.as_line([seen.external_id, str(seen.record_id), content_hash, seen.version, said, rewritten])
