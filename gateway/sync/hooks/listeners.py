"""Who listens at a link's door: its connector, kept for a few seconds, for deliveries come in bursts."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import OrderedDict
from uuid import UUID

from connectors.base import Connector, ConnectorError, NotAuthentic, Received, Request
from connectors.http import Exchange
from connectors.wire.inbound import Inbound, verify
from gateway.channels import Caller
from gateway.db import transaction
from gateway.guarded_adapter import guarded_http
from gateway.partners.models import Partner
from gateway.sync.calls import BrokenConnector, ask
from gateway.sync.models import SyncLink
from gateway.sync.sealing import connect, opened

log = logging.getLogger(__name__)

_KEPT_SECONDS, _MOST_KEPT = 5.0, 500
_CALLER = Caller.system("hooks")
_DECOY = Inbound().load({"kind": "hmac", "secrets": [secrets.token_urlsafe(32)], "header": "X-Signature"})


class _ClosedGate:
    """Lets nothing out: what is received is understood without calling anybody."""

    def enter(self) -> None:
        raise ConnectorError("A connector must not call its partner while it receives.", permanent=True)

    def wait(self) -> None:
        """Nothing ever entered."""

    def send(self) -> None:
        """Nothing ever entered."""

    def leave(self, exchange: Exchange) -> None:
        """Nothing ever entered."""


class Listeners:
    """The connectors of links that receive; a change of their settings is heard of within five seconds."""

    def __init__(self) -> None:
        self._kept: OrderedDict[UUID, tuple[float, Connector | None]] = OrderedDict()
        self._lock = threading.Lock()

    def understand(self, link_id: UUID, request: Request) -> Received:
        """What the link's partner says; raises NotAuthentic also where nobody listens, after as much work.

        Raises ConnectorError for what is authentic and cannot be understood.
        """
        connector = self._connector(link_id)
        if connector is None:
            verify(Request({"x-signature": "0" * 64}, request.body), _DECOY)
            raise NotAuthentic("Nobody listens.")
        try:
            return ask(lambda: connector.receive(request))
        except BrokenConnector as broken:
            # Before or after it was verified? Nobody knows, so nobody may be told.
            log.error("hook_broke_connector", extra={"link": str(link_id), "error": broken.message})
            raise NotAuthentic("The connector failed.") from broken

    def _connector(self, link_id: UUID) -> Connector | None:
        with self._lock:
            kept = self._kept.get(link_id)
            if kept is not None and kept[0] > time.monotonic():
                return kept[1]
        connector = _load(link_id)
        with self._lock:
            self._kept[link_id] = (time.monotonic() + _KEPT_SECONDS, connector)
            self._kept.move_to_end(link_id)
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return connector


def _load(link_id: UUID) -> Connector | None:
    with transaction(_CALLER) as tx:
        link = tx.session.get(SyncLink, link_id)
        if link is None or tx.session.get_one(Partner, link.partner_id).status != "active":
            return None
    try:
        connector = connect(link.connector, opened(link), guarded_http(_ClosedGate()))
    except Exception as error:  # its secrets cannot be opened, or a plugin is gone or broken
        log.error("hook_without_connector", extra={"link": str(link_id), "error": type(error).__name__})
        return None
    return connector if "receive" in connector.can else None
