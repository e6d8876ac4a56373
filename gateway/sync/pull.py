"""Pulling a stream: each of the partner's pages becomes one commit of records, events, references and cursor."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import bindparam, select, text

from connectors.base import ExpiredCursor, Page
from gateway.db import Query, now, transaction
from gateway.sync import rejects
from gateway.sync.calls import guarded
from gateway.sync.models import SyncCursor
from gateway.sync.streams import STREAMS, Stream
from gateway.sync.take import follow_deletions, take
from gateway.sync.work import Work

_CURSOR = Query(
    select(SyncCursor.cursor).where(SyncCursor.link_id == bindparam("link"), SyncCursor.stream == bindparam("stream"))
)
_SAVE_CURSOR = Query(
    text(
        """
        INSERT INTO sync_cursors AS kept (link_id, stream, cursor, updated_at) VALUES (:link, :stream, :cursor, :at)
        ON CONFLICT (link_id, stream) DO UPDATE SET cursor = excluded.cursor, updated_at = excluded.updated_at
        WHERE kept.cursor <> excluded.cursor
        """
    )
)
_FORGET_CURSOR = Query(text("DELETE FROM sync_cursors WHERE link_id = :link AND stream = :stream"))


def pull(work: Work, name: str) -> None:
    """Bring a stream up to date, from the last committed cursor to the end of the partner's round."""
    stream = STREAMS[name]
    _take_ripe(work, stream)
    for number, page in enumerate(_pages(work, name)):
        if number:  # whatever the time, a job brings at least one page home
            work.take_breath()
        with work.page(name, page.total) as (tx, tally):
            tally["read"] += len(page.records)
            take(tx, work.link, stream, page.records, tally)
            follow_deletions(tx, work.link, stream, page.deleted, tally)
            tx.run(_SAVE_CURSOR, link=work.link.id, stream=name, cursor=page.cursor, at=now())


def _pages(work: Work, name: str) -> Iterator[Page]:
    with transaction(work.caller) as tx:
        row = tx.first(_CURSOR, link=work.link.id, stream=name)
    cursor = row[0] if row else None
    try:
        yield from guarded(lambda: work.connector.pull(name, cursor))
    except ExpiredCursor:
        if cursor is None:
            raise
        with work.page(name) as (tx, _):
            tx.run(_FORGET_CURSOR, link=work.link.id, stream=name)
        yield from guarded(lambda: work.connector.pull(name, None))


def _take_ripe(work: Work, stream: Stream) -> None:
    """Take over what was rejected only because its customer had not come yet."""
    found = True
    while found:
        with work.page(stream.name) as (tx, tally):
            records = rejects.ripe(tx, work.link.id, stream.name)
            found = bool(records)
            take(tx, work.link, stream, records, tally)
