"""Pages prepared in a process beside this one: a core of its own for validating, normalising and writing out records.

The worker keeps the partner, PostgreSQL and the last word: what the other process cannot do, or not in time, is done
here, so that a run depends on it for nothing but its speed.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, Self
from uuid import UUID

from gateway.sync import incoming
from gateway.sync.drafting import wire
from gateway.sync.drafting.nursery import Nursery
from gateway.sync.drafting.pages import answer, ask, placed
from gateway.sync.incoming import Outlook
from gateway.sync.streams import STREAMS, Stream

log = logging.getLogger(__name__)

LEAST_RECORDS = 100  # below, the process costs more than it takes over
MOST_SECONDS = 30
_EXAMPLE = {
    "external_id": "1", "kind": "person", "given_name": "Işıl", "updated_at": "2026-01-01T00:00:00Z",
    "contact_points": [{"kind": "phone", "value": "0(222)2301234"}, {"kind": "email", "value": "isil@example.com"}],
}  # fmt: skip
_nursery: Nursery | None = None


class Beside:
    """Prepares the pages of one walk through a stream: in a process of its own once that is worth it, or else here."""

    def __init__(self, nursery: Nursery | None) -> None:
        self._nursery = nursery
        self._connection: socket.socket | None = None
        self._end = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end.close()

    def prepare(self, stream: Stream, link_id: UUID, records: Sequence[Any], outlook: Outlook) -> list[Any]:
        """What `incoming.prepare` answers."""
        if stream.can_draft and outlook.is_news and outlook.is_new and len(records) >= LEAST_RECORDS:
            told = self._ask(stream.name, link_id, records)
            if told is not None:
                return placed(told, records)
        return incoming.prepare(stream, link_id, records, outlook)

    def _ask(self, stream: str, link_id: UUID, records: Sequence[Any]) -> bytearray | None:
        connection = self._connected()
        question = ask(stream, link_id, records) if connection else None
        if connection is None or question is None:
            return None
        try:
            wire.send(connection, question)
            return wire.receive(connection)
        except (OSError, EOFError):
            log.warning("sync_drafting_failed", extra={"link": str(link_id)})
            self._connection = None
            self._end.close()
            return None

    def _connected(self) -> socket.socket | None:
        if self._nursery is not None:
            self._connection = self._end.enter_context(self._nursery.child())
            self._nursery = None  # one for each walk: what its pages killed once they would kill again
        return self._connection


def open_nursery() -> None:
    """Make the process that the others come from, one for each core but one. To be called before all else."""
    global _nursery
    incoming.prepare(STREAMS["customers"], UUID(int=0), [_EXAMPLE], Outlook())  # what this compiles, all of them have
    _nursery = Nursery(serve, max(1, len(os.sched_getaffinity(0)) - 1), MOST_SECONDS)


def beside() -> Beside:
    """Somebody who prepares pages, from `with` to its end."""
    return Beside(_nursery)


def serve(connection: socket.socket) -> None:
    """Answer questions until nobody asks any more. A question without an end is the end of this process."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    while True:
        try:
            question = wire.receive(connection)
        except (OSError, EOFError):
            return
        signal.alarm(MOST_SECONDS)
        told = answer(question)
        signal.alarm(0)
        wire.send(connection, told)
        del question, told  # before the next, which is as large
