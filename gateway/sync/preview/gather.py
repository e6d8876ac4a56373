"""Reading the partner for a preview: its pages held in memory, so that no transaction waits for them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from connectors.base import ConnectorError, ExpiredCursor, NotNow, Page
from gateway.db import transaction
from gateway.sync import calls
from gateway.sync.ground import Answer, Question, asked
from gateway.sync.pull import LinkBookmark
from gateway.sync.work import Work

MOST_RECORDS = 10_000
_MOST_SECONDS = 30.0  # of a job's slice, for what was read must be rehearsed in the same one

Answers = dict[Question, Answer | ConnectorError]


@dataclass(slots=True)
class Gathered:
    """The pages of each stream, and what the partner said of creates in doubt.

    `cut` says why the pages are not all that a run would read.
    """

    pages: dict[str, list[Page]] = field(default_factory=dict)
    answers: Answers = field(default_factory=dict)
    cut: str | None = None


def gather(work: Work) -> Gathered:
    """Read what a run would read, up to a bound: `options["pages"]`, many records, or a long time."""
    gathered, most_pages, records = Gathered(), work.options.get("pages"), 0
    for stream in work.connector.streams if "pull" in work.connector.can else ():
        kept = gathered.pages.setdefault(stream, [])
        for page in _pages(work, stream):
            kept.append(page)
            records += len(page.records) + len(page.deleted)
            with work.page(stream):  # to hear of a cancellation, and to keep the lease
                gathered.cut = _cut(len(kept), most_pages, records, work)
            if gathered.cut:
                break
    return gathered


def ask(work: Work, questions: Iterable[Question]) -> Answers:
    """Ask the partner what came of creates in doubt, as long as there is time; raises NotNow."""
    answers: Answers = {}
    for question in dict.fromkeys(questions):
        if time.monotonic() - work.began > _MOST_SECONDS:
            break
        try:
            answers[question] = asked(work, question)
        except NotNow:
            raise
        except ConnectorError as error:
            answers[question] = error
        with work.page(question.stream):
            pass  # to hear of a cancellation, and to keep the lease
    return answers


def _pages(work: Work, stream: str) -> Iterator[Page]:
    with transaction(work.caller) as tx:
        cursor = None if work.options.get("full") else LinkBookmark(work.link.id, stream).read(tx)
    try:
        yield from calls.pages(lambda: work.connector.pull(stream, cursor))
    except ExpiredCursor:
        if cursor is None:
            raise
        yield from calls.pages(lambda: work.connector.pull(stream, None))


def _cut(pages: int, most_pages: int | None, records: int, work: Work) -> str | None:
    if records >= MOST_RECORDS or time.monotonic() - work.began > _MOST_SECONDS:
        return f"Only the first {records:,} records were read; a run reads on."
    if most_pages is not None and pages >= most_pages:
        return f"Only {pages:,} pages of each stream were read, as asked; a run may read on."
    return None
