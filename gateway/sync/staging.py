"""What is drafted of a page, sent to PostgreSQL while the page before it is written there."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Self

from gateway.channels import Caller
from gateway.db import Transaction
from gateway.sync import crossref
from gateway.sync.incoming import Incoming
from gateway.sync.streams import Stream
from gateway.sync.work import open_page


class Opened(AbstractContextManager[Transaction]):
    """A transaction that is open already, and ends with the block that it is given to."""

    def __init__(self, opening: AbstractContextManager[Transaction]) -> None:
        self._opening: AbstractContextManager[Transaction] | None = opening
        self.tx = opening.__enter__()

    def __enter__(self) -> Transaction:
        return self.tx

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        opening, self._opening = self._opening, None
        return opening.__exit__(kind, error, trace) if opening else None


class NotWanted(Exception):
    """The page was not written after all."""


class Staging:
    """The open transactions of one walk, in the order of its pages; what nobody ends is rolled back at the end."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._last: list[Opened] = []  # one is being written and one waits for that

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._last:
            each.__exit__(NotWanted, NotWanted(), None)

    def open(self, stream: Stream, records: Sequence[Any]) -> Opened | None:
        """The page's transaction with its drafts in it; None for one that has none."""
        drafts = [each.draft for each in records if type(each) is Incoming and each.draft is not None]
        if not drafts:
            return None
        opened = Opened(open_page(self._caller))
        self._last = [*self._last[-1:], opened]
        stream.stage(opened.tx, [each.record for each in drafts])
        crossref.stage(opened.tx, [each.reference for each in drafts])
        return opened
