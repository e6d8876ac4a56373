"""The rest connector's door against a partner that signs as the makers of Standard Webhooks do."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterator
from uuid import uuid4

import pytest
from standardwebhooks.webhooks import Webhook

from connectors.base import Request
from connectors.contract.abilities import Abilities
from connectors.http import Http
from connectors.rest import Rest
from tests.connectors.fake_partner import API_KEY, FakePartner, serve

SECRET = "whsec_" + base64.b64encode(b"bizim-ortak-anahtarimiz-32-bayt!").decode()


class SigningPartner(FakePartner):
    """Tells of a record by sending it whole."""

    def delivery(self, stream: str, external_id: str, age_seconds: float = 0) -> Request:
        body = json.dumps({"changed": [self.tables[stream][external_id]]})
        message_id, at = f"msg_{uuid4().hex}", dt.datetime.now(dt.UTC) - dt.timedelta(seconds=age_seconds)
        signature = Webhook(SECRET).sign(message_id, at, body)
        headers = {"webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}
        return Request({"webhook-id": message_id, **headers}, body.encode())


class TestDoor(Abilities):
    @pytest.fixture
    def partner(self) -> Iterator[SigningPartner]:
        partner = SigningPartner()
        with serve(partner) as partner.url:
            yield partner

    def connect(self, partner: SigningPartner, http: Http) -> Rest:
        streams = {"customers": {"path": "/customers", "delivered": "changed"}}
        inbound = {"kind": "standard_webhooks", "secrets": [SECRET]}
        settings = {"base_url": partner.url, "api_key": API_KEY, "streams": streams, "inbound": inbound}
        return Rest(Rest.Settings().load(settings), http)

    def test_delivered_record_is_the_one_a_round_would_bring(self, connector: Rest, partner: SigningPartner) -> None:
        first, *_ = self.fill(partner)
        received = connector.receive(partner.delivery("customers", first))
        assert received.records == {"customers": [self.pull(connector).records[first]]}
