"""The odata connector against SAP's own OData server: by links and by skipping, alone and in both forms of batch."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
import requests

from connectors.http import Http
from connectors.odata import OData
from connectors.testing import ConnectorContract
from tests.connectors.cap import PASSWORD, CapPartner, run_cap

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(shutil.which("npm") is None, reason="SAP's server needs npm"),
]
CUSTOMERS: dict[str, Any] = {
    "entity_set": "BusinessPartners",
    "key": {"ID": "guid"},
    "changed": {"property": "modifiedAt"},
    "reference": "reference",
    "page_size": 3,
    "fields": [
        {"ours": "kind", "theirs": "category", "as": "map", "pairs": {"person": "1", "organisation": "2"}},
        {"ours": "organisation_name", "theirs": "name"},
        {"ours": "tax_id", "theirs": "taxNumber"},
        {"ours": "birth_date", "theirs": "birthDate"},
        {"ours": "locale", "theirs": "language"},
    ],
}
INTERACTIONS: dict[str, Any] = {
    "entity_set": "Activities",
    "key": {"partner": "string", "number": "number"},
    "changed": {"property": "modifiedAt"},
    "reference": "reference",
    "page_size": 3,
    "paging": "skip",
    "fields": [
        {"ours": "customer_external_id", "theirs": "partner"},
        {"ours": "channel", "theirs": "channel"},
        {"ours": "kind", "theirs": "kind"},
        {"ours": "direction", "theirs": "direction"},
        {"ours": "subject", "theirs": "subject"},
        {"ours": "occurred_at", "theirs": "occurredAt"},
        {"ours": "amount", "theirs": "amount", "as": "money", "currency": "TRY"},
    ],
}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CapPartner]:
    with run_cap(tmp_path_factory.mktemp("cap")) as server:
        yield server


class Cap:
    root = "partner"
    described: ClassVar[dict[str, Any]] = {"streams": {"customers": CUSTOMERS}}

    @pytest.fixture
    def partner(self, server: CapPartner) -> CapPartner:
        server.clear()
        return server

    def connect(self, partner: CapPartner, http: Http, **more: Any) -> OData:
        door = {"base_url": f"{partner.url}/{self.root}", "auth": "basic", "username": "kopru", "password": PASSWORD}
        return OData(OData.Settings().load({**door, **self.described, **more}), http)

    def is_create(self, request: requests.PreparedRequest) -> bool:
        return request.method == "POST"


class TestOdata(Cap, ConnectorContract):
    pass
