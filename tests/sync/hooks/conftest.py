"""A dealer whose system tells us of changes, signed as Standard Webhooks say."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from standardwebhooks.webhooks import Webhook
from werkzeug.test import TestResponse

import connectors
from connectors.base import ConnectorError, Received, Request
from connectors.http import Http
from connectors.rest import Rest
from connectors.wire.inbound import Inbound, verify
from gateway.db import new_id
from gateway.sync.hooks import door
from gateway.sync.hooks.listeners import Listeners
from tests.conftest import Cast
from tests.sync.conftest import Dealer

SECRET = "whsec_" + base64.b64encode(b"gizli-anahtar-gizli-anahtar").decode()
_SIGNED = Inbound().load({"kind": "standard_webhooks", "secrets": [SECRET]})


class Calling(Rest):
    """A JSON API that also calls us."""

    def __init__(self, settings: Mapping[str, Any], http: Http) -> None:
        super().__init__(settings, http)
        self.can = self.can | {"receive"}

    def receive(self, request: Request) -> Received:
        delivery_id = verify(request, _SIGNED)
        said = json.loads(request.body or b"{}")
        if not isinstance(said, dict):
            raise ConnectorError("A JSON object is wanted.", permanent=True)
        return Received(delivery_id, said.get("records", {}), said.get("deleted", {}))


class Caller:
    """The dealer's system at our door."""

    def __init__(self, client: FlaskClient, dealer: Dealer) -> None:
        self.client = client
        self.dealer = dealer

    def send(self, said: dict[str, Any], delivery: str | None = None, **altered: Any) -> TestResponse:
        """Send a delivery as it should be, but for what is `altered`: body, link, secret, headers, at."""
        body = json.dumps(said)
        name, at = delivery or f"msg_{new_id()}", altered.get("at") or datetime.now(UTC)
        headers = {
            "webhook-id": name,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(altered.get("secret", SECRET)).sign(name, at, body),
        }
        address = f"/hooks/{altered.get('link', self.dealer.link_id)}"
        return self.client.post(
            address, data=altered.get("body", body), headers={**headers, **altered.get("headers", {})}
        )


@pytest.fixture
def caller(cast: Cast, dealer: Dealer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Caller]:
    """The dealer's system, which may call; nothing is remembered of callers of other tests."""
    monkeypatch.setattr(connectors, "get", lambda name: Calling)
    monkeypatch.setattr(door, "_listeners", Listeners())
    yield Caller(cast.ayse.client, dealer)
