"""The whole contract between Köprü and a partner's system: write one subclass of `Connector`.

Records are plain JSON objects in the shape of `schemas.record.CustomerRecord` and `InteractionRecord`, not yet
validated: Köprü validates them one by one, and a bad one stops nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal

from marshmallow import Schema

from connectors.errors import ConnectorError, ExpiredCursor, NotAuthentic, NotNow, StaleRecord
from connectors.http import Http

__all__ = [
    "CAN", "STREAMS", "Change", "Connector", "ConnectorError", "ExpiredCursor", "NotAuthentic", "NotNow", "Page",
    "Pushed", "Received", "Request", "StaleRecord",
]  # fmt: skip

Record = dict[str, Any]
STREAMS = ("customers", "interactions")
CAN = frozenset({"pull", "push", "tombstones", "full_listing", "receive", "fetch", "ranges"})


@dataclass(frozen=True, slots=True)
class Page:
    """One step of a round: commit `records` and `deleted` (external ids) together with `cursor`.

    An external id stands at most once on a page. `total` estimates the round's records, where the partner tells.
    What cannot even be read is `{"unreadable": why}`, with its external_id if that is certain.
    """

    records: Sequence[Record]
    cursor: str
    deleted: Sequence[str] = ()
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One write for the partner. `key` is our reference, kept by the partner; `version` is the one we last saw."""

    op: Literal["create", "update", "delete"]
    key: str
    external_id: str | None = None
    record: Record | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Pushed:
    """What became of one change. With a passing `error` its outcome is unknown: `find` before creating again.

    A partner that learns of a new record only later leaves `external_id` None, and names it with our reference then.
    """

    key: str
    external_id: str | None = None
    version: str | None = None
    error: ConnectorError | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What a partner sent to our door: header names in lower case, the body as it came."""

    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Received:
    """What an authentic request says, by stream; `delivery_id` is the same whenever the partner sends it again.

    Records are whole ones; where the partner sends only "something changed", both stay empty and Köprü pulls. `signed`
    stands for what is signed where that does not cover the id: the same under another id is no news, but makes it pull.
    """

    delivery_id: str
    records: Mapping[str, Sequence[Record]] = field(default_factory=dict)
    deleted: Mapping[str, Sequence[str]] = field(default_factory=dict)
    signed: str | None = None


class Connector(ABC):
    """A partner's system. Every method may raise ConnectorError; anything else that escapes is a bug."""

    name: ClassVar[str]
    title: ClassVar[str]
    streams: tuple[str, ...]
    can: frozenset[str]
    Settings: ClassVar[type[Schema]]  # what a link needs to know; a `load_only` field is a secret

    def __init__(self, settings: Mapping[str, Any], http: Http) -> None:
        """Take validated settings; talk to nobody yet."""
        self.settings = settings
        self.http = http

    @abstractmethod
    def check(self) -> None:
        """Return when the partner answers and the credentials work, else raise ConnectorError saying what to change."""

    @abstractmethod
    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        """Yield at least one page; the last one's cursor begins the next round. None: from the very beginning.

        A record that changed since the cursor was made must come; one that did not may come again. With "full_listing"
        a round from None lists every living record; with "tombstones" deletions arrive in `Page.deleted`.
        """

    def acknowledge(self, stream: str, cursor: str) -> None:  # noqa: B027  (few partners want it)
        """Hear that all before this cursor of `pull` is safely kept; may be told again. Most partners need no word.

        `pull` itself never writes: Köprü also calls it to show what a run would do.
        """

    def push(self, stream: str, changes: Sequence[Change]) -> Iterator[Pushed]:
        """Write the changes in order, yielding one answer right after each write; the caller may stop at any time.

        What concerns one change is its `Pushed.error`; raise only what makes the partner unusable (credentials).
        """
        raise ConnectorError(f"{self.title} cannot be written to.", permanent=True)

    def find(self, stream: str, reference: str) -> str | None:
        """The external id of the record that keeps our `reference`, or None when there surely is none."""
        raise ConnectorError(f"{self.title} cannot look up a reference.", permanent=True)

    def fetch(self, stream: str, external_id: str) -> Record | None:
        """One record as it stands at the partner, or None when it surely has none of this id ("fetch")."""
        raise ConnectorError(f"{self.title} cannot be asked for a single record.", permanent=True)

    def pull_range(self, stream: str, since: datetime, until: datetime, cursor: str | None) -> Iterator[Page]:
        """Yield the records last changed in [since, until), whatever the order; `cursor` resumes it ("ranges")."""
        raise ConnectorError(f"{self.title} cannot be asked for a range of time.", permanent=True)

    def receive(self, request: Request) -> Received:
        """Verify and read what the partner sent to our door, calling nobody ("receive").

        Raises NotAuthentic for a wrong, missing or old signature, ConnectorError for what cannot be understood.
        """
        raise ConnectorError(f"{self.title} sends nothing to our door.", permanent=True)
