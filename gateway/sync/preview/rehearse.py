"""The rehearsal: the engine itself, on what the partner said, with a partner who takes everything; then all is undone.

Deciding beside the engine what it would do would need a second engine, and the two would drift apart.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from connectors.base import Change, ConnectorError, Page, Pushed
from gateway.db import Transaction, rehearsal
from gateway.sync import crossref, doubts, operations, rejects
from gateway.sync.changes import collect_within
from gateway.sync.deletions import listing
from gateway.sync.deletions.guard import refuse_mass_deletion
from gateway.sync.deletions.listing import ListingBookmark
from gateway.sync.ground import Answer, Question
from gateway.sync.hooks import inbox
from gateway.sync.hooks.freshness import fresh
from gateway.sync.plan import Plan, decide
from gateway.sync.preview import lines
from gateway.sync.preview.gather import Answers, Gathered
from gateway.sync.preview.lines import UNNAMED, Line
from gateway.sync.push import note, prepare
from gateway.sync.quarantine import limit
from gateway.sync.recognition import look_up
from gateway.sync.sending import Sending
from gateway.sync.streams import STREAMS
from gateway.sync.take import follow_deletions, write
from gateway.sync.work import STATEMENT_SECONDS, Link, Tally, Work

MOST_SECONDS = 5.0


@dataclass(slots=True)
class Rehearsal:
    """What a run would do: its counts by stream, and its lines; `unasked` is what the partner was not asked yet.

    It is the ground on which creates in doubt are cleared up, with the partner's `answers` of before.
    """

    tx: Transaction
    work: Work
    answers: Answers
    tallies: dict[str, Tally] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    unasked: list[Question] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @property
    def is_late(self) -> bool:
        """Whether it has gone on for so long that others may feel its locks."""
        return time.monotonic() - self.began > MOST_SECONDS

    @property
    def link(self) -> Link:
        """The link to the partner."""
        return self.work.link

    @contextmanager
    def look(self) -> Iterator[Transaction]:
        """The rehearsal's transaction."""
        yield self.tx

    @contextmanager
    def page(self, stream: str) -> Iterator[tuple[Transaction, Tally]]:
        """The same, with the stream's counts."""
        yield self.tx, self.tallies.setdefault(stream, Counter())

    def ask(self, question: Question) -> Answer:
        """What the partner said before; what it was not asked goes to `unasked`."""
        told = self.answers.get(question)
        if told is None:
            self.unasked.append(question)
            raise ConnectorError("Not looked up: the preview had no time for it.", permanent=True)
        if isinstance(told, ConnectorError):
            raise told
        return told

    def take(self, tx: Transaction, stream: str, records: Sequence[Any], tally: Tally) -> None:
        """Take records over, and show it."""
        plan = decide(tx, self.link, STREAMS[stream], records)
        write(tx, self.link, STREAMS[stream], plan)
        plan.count(tally)
        self.lines += _lines_of(stream, plan)

    def receive(self) -> None:
        """Take over what waits in the link's inbox, as it came: nobody is asked within a transaction."""
        for delivery in inbox.waiting(self.tx, self.work.link.id):
            for stream, records, deleted in delivery.said():
                tally = self.tallies.setdefault(stream, Counter())
                news = fresh(self.tx, self.work.link.id, stream, records)
                tally["read"] += len(records)
                tally["unchanged"] += len(records) - len(news)
                self._take(stream, news)
                self.delete(stream, deleted)
            if self.is_late:
                return

    def pull(self, stream: str, pages: Sequence[Page]) -> None:
        """Take over the pages of a stream."""
        tally = self.tallies.setdefault(stream, Counter())
        while records := rejects.ripe(self.tx, self.work.link.id, stream):
            self._take(stream, records)
        for page in pages:
            if self.is_late:
                return
            tally["read"] += len(page.records)
            self._take(stream, page.records)
            self.delete(stream, page.deleted)
            if self.work.options.get("full"):
                ListingBookmark(self.work.lease.run_id, stream).save(self.tx, page, page.records)
            limit.check_within(self.tx, self.work, stream, tally)

    def _take(self, stream: str, records: Sequence[Any]) -> None:
        self.take(self.tx, stream, records, self.tallies[stream])

    def delete(self, stream: str, external_ids: Sequence[str]) -> None:
        """Follow deletions."""
        gone = crossref.living(self.tx, self.work.link.id, stream, external_ids) if external_ids else {}
        follow_deletions(self.tx, self.work.link, STREAMS[stream], external_ids, self.tallies[stream])
        self.lines += lines.of_deleted(stream, gone.items())

    def vanish(self, streams: Sequence[str]) -> None:
        """Follow what a full listing misses; raises ConnectorError when that is too much."""
        run_id, link = self.work.lease.run_id, self.work.link
        known = {stream: listing.compare(self.tx, run_id, link.id, stream) for stream in streams}
        refuse_mass_deletion(link, known, listing.vanished_counts(self.tx, run_id), None)
        for stream in streams:
            self.delete(stream, listing.next_vanished(self.tx, run_id, stream, most=known[stream]))

    def push(self, stream: str) -> None:
        """Choose what the partner would get, as if it took everything that came before."""
        self.tallies.setdefault(stream, Counter())
        collect_within(self.tx, self.work.link, stream)
        is_over = False
        while not is_over and not self.is_late:
            sendings, is_over = prepare(self.tx, self.work.link, stream)
            self._send(stream, [(each, each.change) for each in sendings if not each.is_in_doubt])
            for each in sendings:
                if each.is_in_doubt:
                    self._resolve(stream, each)

    def _send(self, stream: str, changes: Sequence[tuple[Sending, Change]]) -> None:
        answers = [(sending, _taken(change)) for sending, change in changes]
        note(self.tx, self.link, stream, answers, self.tallies[stream])
        self.lines += [lines.of_sending(stream, sending, change.op) for sending, change in changes]

    def _resolve(self, stream: str, sending: Sending) -> None:
        """Clear up a create that may have happened, and send what that leaves to do."""
        left = look_up(self, stream, sending)
        if isinstance(left, Change):
            self._send(stream, [(sending, left)])
        elif left is not None:
            note(self.tx, self.link, stream, [(sending, left)], self.tallies[stream])
            self.lines.append(lines.of_doubt(stream, sending, left))


def rehearse(work: Work, gathered: Gathered) -> Rehearsal:
    """Go through a whole run on what was gathered; nothing of it stays."""
    with rehearsal(work.caller, statement_seconds=STATEMENT_SECONDS) as tx:
        tx.raw.execute(b"SET LOCAL plan_cache_mode = force_custom_plan")
        rehearsed = Rehearsal(tx, work, gathered.answers)
        try:
            _go_through(rehearsed, gathered)
        except ConnectorError as stopped:
            rehearsed.lines.append(lines.note("customers", f"The run would stop here: {stopped.message}"))
        if rehearsed.is_late:
            told = f"Only what could be gone through in {MOST_SECONDS:.0f} seconds is shown; a run goes on."
            rehearsed.lines.append(lines.note("customers", told))
    return rehearsed


def _go_through(rehearsed: Rehearsal, gathered: Gathered) -> None:
    work = rehearsed.work
    is_full, receives = work.options.get("full"), "receive" in work.connector.can
    doubts.settle(rehearsed)
    if receives and not is_full:
        rehearsed.receive()
    for stream, pages in gathered.pages.items():
        rehearsed.pull(stream, pages)
    if is_full and gathered.cut is None and not rehearsed.is_late:
        rehearsed.vanish(list(gathered.pages))
    if receives and is_full:  # such a run lists everything first
        rehearsed.receive()
    operations.be_due(rehearsed.tx, work.link)
    for stream in work.connector.streams if "push" in work.connector.can else ():
        rehearsed.push(stream)


def _lines_of(stream: str, plan: Plan) -> list[Line]:
    names = {each.record_id: each.external_id for each in plan.seen}
    return [
        *(lines.of_created(stream, row, names.get(row["id"])) for row in plan.created),
        *(lines.of_changed(stream, each, names.get(each.before["id"])) for each in plan.changed),
        *(lines.of_clash(stream, each, names.get(each.record_id)) for each in plan.clashes if each.is_new),
        *(lines.of_rejection(stream, each) for each in plan.rejected),
    ]


def _taken(change: Change) -> Pushed:
    """The answer of a partner who takes it, and names what is new to it."""
    return Pushed(change.key, change.external_id or f"{UNNAMED}{change.key}", change.version)
