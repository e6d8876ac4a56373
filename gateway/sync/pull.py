"""Pulling a stream: each of the partner's pages becomes one commit of records, events, references and cursor."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import bindparam, select, text

from connectors.base import ExpiredCursor, Page
from gateway import bulk
from gateway.db import Query, Transaction, now, transaction
from gateway.sync import rejects
from gateway.sync.ahead import one_ahead
from gateway.sync.calls import ask, pages
from gateway.sync.drafting.beside import Beside, beside
from gateway.sync.foreknown import Foreknowledge
from gateway.sync.gathering import Prepared, gathered
from gateway.sync.incoming import Outlook
from gateway.sync.models import SyncCursor
from gateway.sync.quarantine import limit
from gateway.sync.staging import Opened, Staging
from gateway.sync.streams import STREAMS, Stream
from gateway.sync.take import follow_deletions, take
from gateway.sync.work import STATEMENT_SECONDS, Work

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

# After so many new records of a run its pages are planned by other sizes than those the planner knows.
_GROWN = (2_000, 20_000, 200_000)
_GROWING = (
    "sync_references (link_id, stream, record_id)", "customers (id)", "shares (partner_id, customer_id)",
    "customer_keys (customer_id)", "interactions (id, customer_id)",
)  # fmt: skip


Ready = tuple[Page, list[Any], Opened | None]


class Bookmark(Protocol):
    """Where a walk through a stream stands; it moves in the same commit as each page."""

    def read(self, tx: Transaction) -> str | None:
        """The cursor to go on from, or None at the beginning."""

    def save(self, tx: Transaction, page: Page, records: Sequence[Any]) -> None:
        """Go on behind this page, of which these records came."""

    def forget(self, tx: Transaction) -> None:
        """Begin again."""


class LinkBookmark(NamedTuple):
    """The link's own cursor, which outlives its runs."""

    link_id: UUID
    stream: str

    def read(self, tx: Transaction) -> str | None:
        """The cursor of the last committed page of any run."""
        row = tx.first(_CURSOR, link=self.link_id, stream=self.stream)
        return row[0] if row else None

    def save(self, tx: Transaction, page: Page, records: Sequence[Any]) -> None:
        """Go on behind this page."""
        self.move(tx, page.cursor)

    def move(self, tx: Transaction, cursor: str) -> None:
        """Go on from this cursor."""
        tx.run(_SAVE_CURSOR, link=self.link_id, stream=self.stream, cursor=cursor, at=now())

    def forget(self, tx: Transaction) -> None:
        """Begin again."""
        tx.run(_FORGET_CURSOR, link=self.link_id, stream=self.stream)


def pull(work: Work, name: str) -> None:
    """Bring a stream up to date, from the last committed cursor to the end of the partner's round."""
    _take_ripe(work, STREAMS[name])
    walk(work, name, LinkBookmark(work.link.id, name))


def walk(work: Work, name: str, bookmark: Bookmark) -> None:
    """Take over page after page from the bookmark on; stops when too much of it is rejected."""
    _acknowledge(work, name, bookmark)  # what an earlier run committed, and perhaps could not tell
    outlook = Outlook()
    with closing(_pages(work, name, bookmark, outlook)) as arriving:
        for number, (page, records, opened) in enumerate(arriving):
            if number:  # whatever the time, a job brings at least one page home
                work.take_breath()
            before = work.streams.get(name, {}).get("created", 0)
            with work.page(name, page.total, opened=opened) as (tx, tally):
                tally["read"] += len(records)
                take(tx, work.link, STREAMS[name], records, tally)
                follow_deletions(tx, work.link, STREAMS[name], page.deleted, tally)
                bookmark.save(tx, page, records)
            if any(before < size <= before + tally["created"] for size in _GROWN):
                with transaction(work.caller, statement_seconds=STATEMENT_SECONDS) as tx:
                    bulk.learn_sizes(tx, *_GROWING)
            outlook.is_news = tally["unchanged"] * 2 < len(records)
            outlook.is_new = tally["created"] * 2 > len(records)
            limit.check(work, name)
    _acknowledge(work, name, bookmark)


def _acknowledge(work: Work, name: str, bookmark: Bookmark) -> None:
    with transaction(work.caller) as tx:
        cursor = bookmark.read(tx)
    if cursor is not None:
        with suppress(ExpiredCursor):  # reading on will find that out, and begin again
            ask(lambda: work.connector.acknowledge(name, cursor))


def _pages(work: Work, name: str, bookmark: Bookmark, outlook: Outlook) -> Generator[Ready]:
    with transaction(work.caller) as tx:
        cursor = bookmark.read(tx)
    outlook.is_new = cursor is None  # behind the first round most records are known
    with beside() as drafting:
        try:
            yield from _prepared(work, name, cursor, outlook, drafting)
        except ExpiredCursor:
            if cursor is None:
                raise
            with work.page(name) as (tx, _):
                bookmark.forget(tx)
            yield from _prepared(work, name, None, outlook, drafting)


def _prepared(work: Work, name: str, cursor: str | None, outlook: Outlook, drafting: Beside) -> Iterator[Ready]:
    """The partner's pages and their records as far as they can be brought before the page ahead of them is written.

    Pages that say little are put together. One is brought so far while the one before it is written; in a first round,
    where that takes long, the next is asked for meanwhile.
    """
    foreknowledge = Foreknowledge(work.caller, work.link.id, name)

    def prepared(page: Page) -> Prepared:
        records = drafting.prepare(STREAMS[name], work.link.id, page.records, outlook)
        foreknowledge.mark(page, records, ask=not outlook.is_news)
        return replace(page, records=()), records

    asked = pages(lambda: work.connector.pull(name, cursor))
    with (
        closing(one_ahead(asked) if outlook.is_new else asked) as fetched,
        Staging(work.caller) as staging,
        closing(one_ahead(map(partial(_staged, staging, STREAMS[name]), gathered(map(prepared, fetched))))) as ready,
    ):
        yield from ready


def _staged(staging: Staging, stream: Stream, prepared: Prepared) -> Ready:
    page, records = prepared
    return page, records, staging.open(stream, records)


def _take_ripe(work: Work, stream: Stream) -> None:
    """Take over what was rejected only because its customer had not come yet."""
    found = True
    while found:
        with work.page(stream.name) as (tx, tally):
            records = rejects.ripe(tx, work.link.id, stream.name)
            found = bool(records)
            take(tx, work.link, stream, records, tally)
