"""An OData v4 service, as SAP, Microsoft Dynamics and many others offer it, described by the link's settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.base import STREAMS, Change, Connector, ConnectorError, Page, Pushed, Record
from connectors.http import Http
from connectors.wire import cursor as cursors
from connectors.wire import odata_reading, partner_site
from connectors.wire.odata_csrf import CsrfSite
from connectors.wire.odata_reading import Reader
from connectors.wire.odata_settings import ServiceDescription
from connectors.wire.odata_stream import EntitySet
from connectors.wire.odata_writing import Writer


class OData(Connector):
    """Entity sets of an OData v4 service."""

    name = "odata"
    title = "OData v4 (SAP, Dynamics)"
    streams: tuple[str, ...] = STREAMS
    can = frozenset({"pull", "push", "tombstones", "full_listing", "fetch", "ranges"})

    class Settings(ServiceDescription):
        """The description of the service."""

    def __init__(self, settings: Mapping[str, Any], http: Http) -> None:
        super().__init__(settings, http)
        site = partner_site.enter(settings, http)
        self._written = CsrfSite(site) if settings["csrf"] else site
        described = {name: settings["streams"][name] for name in STREAMS if name in settings["streams"]}
        self.streams = tuple(described)
        self.can = _abilities(list(described.values()))
        self._sets = {name: EntitySet(name, each, settings["version"], site) for name, each in described.items()}

    def check(self) -> None:
        """Ask every entity set for one entity."""
        for each in self._sets.values():
            each.items(each.ask(each.path, {**each.shown(), "$top": 1}).json())

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        """Walk what changed since the cursor, by time or along the service's delta links."""
        return Reader(self._set(stream)).pull(cursor)

    def pull_range(self, stream: str, since: datetime, until: datetime, cursor: str | None) -> Iterator[Page]:
        """Walk what changed in [since, until)."""
        return Reader(self._set(stream), (cursors.text(since), cursors.text(until))).range(cursor)

    def fetch(self, stream: str, external_id: str) -> Record | None:
        """Ask for the entity by its key."""
        return odata_reading.fetch(self._set(stream), external_id)

    def push(self, stream: str, changes: Sequence[Change]) -> Iterator[Pushed]:
        """Send the changes, many at once where the settings say so."""
        return Writer(self._set(stream), self._written, self.settings["batch"]).push(changes)

    def find(self, stream: str, reference: str) -> str | None:
        """Ask for the entity that keeps our reference."""
        return odata_reading.find(self._set(stream), reference)

    def _set(self, stream: str) -> EntitySet:
        if stream not in self._sets:
            raise ConnectorError(f"The settings describe no stream '{stream}'.", permanent=True)
        return self._sets[stream]


def _abilities(streams: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """What holds for every stream described; without a reference a create whose answer is lost would be made twice."""
    lacking = {
        "push": any(stream["reference"] is None for stream in streams),
        "tombstones": any(not stream["delta"] and stream["deleted"] is None for stream in streams),
        "ranges": any(stream["changed"] is None for stream in streams),
    }
    return OData.can - {ability for ability, lacks in lacking.items() if lacks}
