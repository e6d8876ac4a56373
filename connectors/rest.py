"""A partner's JSON API, described by the link's settings. The defaults fit an API that lists our own record shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.base import STREAMS, Change, Connector, ConnectorError, Page, Pushed, Received, Record, Request
from connectors.http import Answer, Http
from connectors.wire import cursor as cursors
from connectors.wire import inbound, partner_site, rest_reading
from connectors.wire.description import ApiDescription, of_stream
from connectors.wire.mapping import dig
from connectors.wire.rest_reading import Reader
from connectors.wire.rest_stream import RestStream
from connectors.wire.rest_writing import Writer


class Rest(Connector):
    """A partner's JSON API over HTTP."""

    name = "rest"
    title = "JSON API (REST)"
    streams: tuple[str, ...] = STREAMS
    can = frozenset({"pull", "push", "tombstones", "full_listing", "fetch", "ranges", "receive"})

    class Settings(ApiDescription):
        """The description of the partner's API."""

    def __init__(self, settings: Mapping[str, Any], http: Http) -> None:
        super().__init__(settings, http)
        site = partner_site.enter(settings, http)
        described = {name: of_stream(settings, name) for name in STREAMS if name in settings["streams"]}
        self.streams = tuple(described)
        self.can = _abilities(settings, list(described.values()))
        self._streams = {name: RestStream(name, each, site) for name, each in described.items()}

    def check(self) -> None:
        """Ask every stream for one record."""
        for stream in self._streams.values():
            stream.items(stream.site.request("GET", stream.path, params=stream.first(limit=1)).json())

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        """Walk the list from the cursor on, each page with the cursor behind it."""
        return Reader(self._described(stream)).pull(cursor)

    def pull_range(self, stream: str, since: datetime, until: datetime, cursor: str | None) -> Iterator[Page]:
        """Walk what changed in [since, until)."""
        return Reader(self._described(stream), (cursors.text(since), cursors.text(until))).range(cursor)

    def fetch(self, stream: str, external_id: str) -> Record | None:
        """Ask for the record at its own address."""
        return rest_reading.fetch(self._described(stream), external_id)

    def push(self, stream: str, changes: Sequence[Change]) -> Iterator[Pushed]:
        """Send the changes, many at once where the partner takes them so."""
        return Writer(self._described(stream)).push(changes)

    def find(self, stream: str, reference: str) -> str | None:
        """Ask the list for our reference."""
        return rest_reading.find(self._described(stream), reference)

    def receive(self, request: Request) -> Received:
        """Verify a delivery; its records where the settings say where they stand."""
        if self.settings.get("inbound") is None:
            return super().receive(request)
        delivery_id = inbound.verify(request, self.settings["inbound"])
        carrying = {name: each for name, each in self._streams.items() if each.described["delivered"] is not None}
        body = Answer("/", 200, request.headers, request.body, str).json() if carrying else None
        sorted_ = {
            name: each.sort(each.read(_delivered(body, each.described["delivered"]))) for name, each in carrying.items()
        }
        return Received(
            delivery_id,
            {name: records for name, (records, _) in sorted_.items() if records},
            {name: deleted for name, (_, deleted) in sorted_.items() if deleted},
            inbound.signed_content(request, self.settings["inbound"]),
        )

    def _described(self, stream: str) -> RestStream:
        if stream not in self._streams:
            raise ConnectorError(f"The settings describe no stream '{stream}'.", permanent=True)
        return self._streams[stream]


def _abilities(settings: Mapping[str, Any], streams: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """What holds for every stream described."""
    needs = {"tombstones": "tombstones", "fetch": "fetch", "ranges": "incremental"}
    lacking = {ability for ability, part in needs.items() if any(stream[part] is None for stream in streams)}
    return Rest.can - lacking - (set() if settings.get("inbound") else {"receive"})


def _delivered(body: Any, path: str) -> list[Any]:
    found = dig(body, path)
    return found if isinstance(found, list) else [found] if found is not None else []
