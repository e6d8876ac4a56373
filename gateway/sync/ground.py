"""Where creates in doubt are cleared up: in a run, or (`preview.rehearse`) in the rehearsal of one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from connectors.base import Record
from gateway.db import Transaction, transaction
from gateway.sync.calls import ask, is_name
from gateway.sync.single import fetched
from gateway.sync.streams import STREAMS
from gateway.sync.take import take
from gateway.sync.work import Link, Tally, Work

_READS = {"pull", "fetch"}


class Question(NamedTuple):
    """What a partner is asked: what it calls the record that keeps our reference and, if it `reads`, what that says."""

    stream: str
    reference: UUID
    reads: bool


class Answer(NamedTuple):
    """What it calls the record, None where it surely has none; what that says, where that was asked and can be read."""

    external_id: str | None
    record: Record | None = None


class Ground(Protocol):
    """What clearing up needs; no transaction is open while the partner is asked."""

    @property
    def link(self) -> Link:
        """The link to the partner."""

    def look(self) -> AbstractContextManager[Transaction]:
        """A transaction to look something up in."""

    def page(self, stream: str) -> AbstractContextManager[tuple[Transaction, Tally]]:
        """A transaction to write in, with the stream's counts."""

    def ask(self, question: Question) -> Answer:
        """Ask the partner; raises ConnectorError."""

    def take(self, tx: Transaction, stream: str, records: Sequence[Any], tally: Tally) -> None:
        """Take records over as a pull would."""


@dataclass(frozen=True, slots=True)
class InRun:
    """A run's own ground: each page is committed."""

    work: Work

    @property
    def link(self) -> Link:
        """The link of the run."""
        return self.work.link

    def look(self) -> AbstractContextManager[Transaction]:
        """A transaction of its own."""
        return transaction(self.work.caller)

    def page(self, stream: str) -> AbstractContextManager[tuple[Transaction, Tally]]:
        """A page of the run."""
        return self.work.page(stream)

    def ask(self, question: Question) -> Answer:
        """Ask the partner, and go on only under the run's lease."""
        return asked(self.work, question)

    def take(self, tx: Transaction, stream: str, records: Sequence[Any], tally: Tally) -> None:
        """Take them over."""
        take(tx, self.work.link, STREAMS[stream], records, tally)


def asked(work: Work, question: Question) -> Answer:
    """What the partner says; raises ConnectorError, or LeaseLost once another worker may have gone on."""
    stream, connector = question.stream, work.connector
    found = ask(partial(connector.find, stream, str(question.reference)))
    work.lease.check()
    reads = question.reads and is_name(found) and connector.can >= _READS
    return Answer(found, fetched(work, stream, found) if reads and found is not None else None)
