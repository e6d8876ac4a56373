"""A partner's record as it arrives: who it is, and whether it is news."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from marshmallow import Schema, ValidationError

from gateway.db import new_id_texts, now
from gateway.errors import FieldError
from gateway.provenance import Source
from gateway.sync import crossref
from gateway.sync.crossref import Known
from gateway.sync.rejects import Rejection
from gateway.sync.streams import Loaded, Stream
from gateway.validation import flatten, messages_of
from schemas.base import storable
from schemas.intake import intake

# They move without the content moving, and our own reference is no news to us.
_NOT_CONTENT = ("updated_at", "version", "reference")
_LONGEST_ID = 200
_AT_ONCE = 250  # what validation makes of a record takes more room than its draft


@dataclass(slots=True)
class Outlook:
    """Whether most records of the next page probably say something new, and whether they are new themselves."""

    is_news: bool = True
    is_new: bool = True


class Draft(NamedTuple):
    """What is written of a record, should it be new here: the record itself, and its cross reference."""

    record: bytes
    reference: bytes


@dataclass(slots=True)
class Incoming:
    """A record that can be recognised; `said` is its content without times, versions and references, then its hash.

    `loaded` is what validation made of it, once that has been asked and unless it is drafted. `is_known` tells whether
    it says nothing new, None while nobody has looked.
    """

    raw: dict[str, Any]
    external_id: str
    said: bytes
    content_hash: bytes
    version: str | None
    loaded: Loaded | None = None
    draft: Draft | None = None
    is_known: bool | None = None

    @property
    def told(self) -> str:
        """What `crossref.unchanged` recognises it by."""
        return crossref.told(self.external_id, self.content_hash, self.version)

    def forget(self) -> None:
        """Let go of the words, which is most of a page, where nobody will ask for them again."""
        self.raw, self.said, self.loaded = {}, b"", None


def prepare(stream: Stream, link_id: UUID, records: Iterable[Any], outlook: Outlook) -> list[Any]:
    """Records as `read` takes them, with its work done beforehand, and as much of the rest as is probably needed."""
    found, rejected = read(records)
    is_drafted = outlook.is_news and outlook.is_new and stream.can_draft
    load = intake(stream.schema)
    for at in range(0, len(found) if outlook.is_news else 0, _AT_ONCE):
        some = found[at : at + _AT_ONCE]
        for each in some:
            each.loaded = load(each.raw)
        if is_drafted:
            _draft_all(stream, str(link_id), some)
    return [*found, *(each.raw for each in rejected)]


def _draft_all(stream: Stream, link: str, found: Sequence[Incoming]) -> None:
    ids = iter(new_id_texts(2 * len(found)))
    for each in found:
        data, record_id, event_id = each.loaded, next(ids), next(ids)
        if data is None or data.get("reference"):  # it may be a record of ours
            continue
        record = stream.draft(data, source_of(link, data), record_id, event_id)
        if record is not None:
            reference = crossref.draft(each.external_id, record_id, each.content_hash, each.version, each.said)
            each.draft, each.loaded = Draft(record, reference), None


def source_of(link: str, data: Loaded) -> Source:
    """The partner and the time of its word; a clock that runs ahead does not outrun ours."""
    moment = now()
    return Source(link, min(data.get("updated_at") or moment, moment))


def read(records: Iterable[Any]) -> tuple[list[Incoming], list[Rejection]]:
    """The records of a page, the last word on each external id, and those that cannot even be named."""
    found: dict[str, Incoming] = {}
    rejected: list[Rejection] = []
    for raw in records:
        each = raw if type(raw) is Incoming else _recognised(raw)
        if isinstance(each, Incoming):
            found[each.external_id] = each
        else:
            rejected.append(each)
    return list(found.values()), rejected


def _recognised(raw: Any) -> Incoming | Rejection:
    if (unusable := _unusable(raw)) is not None:
        return unusable
    try:
        said = content(raw)
    except (TypeError, ValueError) as wrong:
        return Rejection(raw, [{"pointer": "", "code": "not_storable", "message": str(wrong)}])
    version = raw.get("version")
    known = version if isinstance(version, str) and _is_storable(version) else None
    return Incoming(raw, raw["external_id"], said, content_hash(said), known)


def content(record: dict[str, Any]) -> bytes:
    """What a record says, as JSON whose keys stand in order."""
    said = record.copy()
    for name in _NOT_CONTENT:
        said.pop(name, None)
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)


def content_hash(said: bytes) -> bytes:
    """A hash of what a record says."""
    return hashlib.blake2b(said, digest_size=16).digest()


def is_news(incoming: Incoming, known: Known | None) -> bool:
    """Whether a record says something we do not know yet.

    After we wrote to the partner its content is unknown to us; the version it answered with then tells our own echo.
    """
    if known is None or known.is_deleted:
        return True
    if known.content_hash is None:
        return known.version is None or known.version != incoming.version
    return known.content_hash != incoming.content_hash


def load(schema: Schema, incoming: Incoming) -> dict[str, Any] | Rejection:
    """The validated record, or why it is none; only then is marshmallow itself asked."""
    compiled = incoming.loaded or intake(schema)(incoming.raw)
    if compiled is not None:
        return compiled
    try:
        loaded: dict[str, Any] = schema.load(incoming.raw)
    except ValidationError as invalid:
        return Rejection(incoming.raw, list(flatten(messages_of(invalid))), incoming.external_id)
    return loaded


def _is_storable(text: str) -> bool:
    """As `storable` says; whatever can be printed is."""
    return text.isprintable() or storable(text)


def _unusable(raw: Any) -> Rejection | None:
    """Why a record cannot be named, or read; None for most."""
    if not isinstance(raw, dict):
        return Rejection(raw, [{"pointer": "", "code": "invalid", "message": "Not a JSON object."}])
    external_id = raw.get("external_id")
    is_named = isinstance(external_id, str) and 0 < len(external_id) <= _LONGEST_ID and _is_storable(external_id)
    if "unreadable" in raw and _is_unreadable(raw):
        told: FieldError = {"pointer": "", "code": "unreadable", "message": raw["unreadable"]}
        return Rejection(raw, [told], external_id if is_named else None)
    return None if is_named else Rejection(raw, [_nameless(external_id)])


def _is_unreadable(raw: dict[str, Any]) -> bool:
    """Whether a connector says that it could not even read this record."""
    return isinstance(raw["unreadable"], str) and raw.keys() <= {"unreadable", "external_id"}


def _nameless(external_id: Any) -> FieldError:
    if external_id is None:
        return {"pointer": "/external_id", "code": "required", "message": "Missing data for required field."}
    message = f"A storable text of 1 to {_LONGEST_ID} letters."
    return {"pointer": "/external_id", "code": "invalid", "message": message}
