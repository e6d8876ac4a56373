"""A page on its way to the process that prepares it, and back.

It goes as `marshal` writes it, between two processes of one program: exact in whatever JSON knows, cheaper than JSON
itself, and refused for all else that a connector may yield.
"""

from __future__ import annotations

import marshal
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from gateway.sync import incoming
from gateway.sync.incoming import Draft, Incoming, Outlook
from gateway.sync.streams import STREAMS

MOST_BYTES = 4 * 1024 * 1024  # two processes hold a page: larger ones are for one alone


def ask(stream: str, link_id: UUID, records: Sequence[Any]) -> bytes | None:
    """The page as a question; None for one that is too large, or not plain."""
    try:
        question = marshal.dumps((stream, str(link_id), list(records)))
    except ValueError:
        return None
    return question if len(question) <= MOST_BYTES else None


def answer(question: bytes | bytearray) -> bytes:
    """For each record that can be recognised its place in the page, what it is, and its draft; else the place alone."""
    stream, link_id, records = marshal.loads(question)  # noqa: S302  # of our own worker
    places = {id(raw): place for place, raw in enumerate(records)}
    prepared = incoming.prepare(STREAMS[stream], UUID(link_id), records, Outlook())
    return marshal.dumps([_told(each, places) for each in prepared])


def placed(told: bytes | bytearray, records: Sequence[Any]) -> list[Any]:
    """The records of the page as `incoming.prepare` answers them."""
    return [_placed(each, records) for each in marshal.loads(told)]  # noqa: S302  # of our own child


def _told(each: Any, places: dict[int, int]) -> Any:
    if type(each) is not Incoming:
        return places[id(each)]
    known = (places[id(each.raw)], each.external_id, each.said, each.content_hash, each.version)
    return known if each.draft is None else (*known, *each.draft)


def _placed(told: Any, records: Sequence[Any]) -> Any:
    if type(told) is int:
        return records[told]
    place, external_id, said, content_hash, version, *drafted = told
    draft = Draft(*drafted) if drafted else None
    return Incoming(records[place], external_id, said, content_hash, version, draft=draft)
