"""Pages that say little that is new are taken over together: a commit costs as much for one record as for fifty."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from connectors.base import Page
from gateway.sync.incoming import Incoming

MOST_PAGES = 5
_MOST_RECORDS, _MOST_NEWS, _PATIENCE_SECONDS = 5_000, 100, 0.25

Prepared = tuple[Page, list[Any]]


def gathered(pages: Iterator[Prepared]) -> Iterator[Prepared]:
    """The same records in the same order, in fewer pages, each with the cursor of its last; what fails comes behind.

    Deletions end a page, for they are followed after its records. Nothing that has come waits for a partner that takes
    its time.
    """
    last: Page | None = None
    held: list[Any] = []
    size, until = 0, _patience()
    try:
        for page, records in pages:
            last, held, size = page, [*held, *records], size + 1
            del page, records  # or they would be kept until the next has come
            if size < MOST_PAGES and time.monotonic() < until and _says_little(last, held):
                continue
            yield last, held
            last, held, size, until = None, [], 0, _patience()
    except Exception:
        if last is not None:
            yield last, held
        raise
    if last is not None:
        yield last, held


def _patience() -> float:
    return time.monotonic() + _PATIENCE_SECONDS


def _says_little(page: Page, records: list[Any]) -> bool:
    if page.deleted or len(records) >= _MOST_RECORDS:
        return False
    news = sum(type(each) is not Incoming or not each.is_known for each in records)
    return news <= min(_MOST_NEWS, len(records) // 2)
