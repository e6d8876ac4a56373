"""What a link's connector is able to do, asked before a run is promised that cannot be."""

from __future__ import annotations

from connectors.base import Connector, ConnectorError
from gateway.errors import Conflict
from gateway.guarded_adapter import guarded_http
from gateway.sync.models import SyncLink
from gateway.sync.sealing import connect, opened

_SENTENCES = {
    "ranges": "cannot be asked for a range of time",
    "fetch": "cannot be asked for a single record",
    "full_listing": "cannot list everything it has",
}


class ConnectorUnable(Conflict):
    """The partner's system, as this link describes it, cannot do what was asked."""

    code, title = "connector_unable", "The link's connector cannot do this"


def connector_of(link: SyncLink) -> Connector:
    """The link's connector, which talks to nobody; raises ConnectorUnable where its settings no longer fit."""
    try:
        return connect(link.connector, opened(link), guarded_http())
    except ConnectorError as error:
        raise ConnectorUnable(error.message) from None


def require(link: SyncLink, ability: str, stream: str | None = None) -> Connector:
    """The link's connector if it has the ability, and the stream; raises ConnectorUnable."""
    connector = connector_of(link)
    if ability not in connector.can:
        raise ConnectorUnable(f"{connector.title} {_SENTENCES[ability]}.")
    if stream is not None and stream not in connector.streams:
        raise ConnectorUnable(f"This link has no {stream}.")
    return connector
