"""The rest connector against a JSON API over real HTTP, in every paging style."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from connectors.base import Record
from connectors.http import Http
from connectors.rest import Rest
from connectors.testing import ConnectorContract
from tests.connectors.fake_partner import API_KEY, FakePartner, serve


class RestContract(ConnectorContract):
    paging = "cursor"
    pagination: ClassVar[dict[str, Any]] = {}

    @pytest.fixture
    def partner(self) -> Iterator[FakePartner]:
        partner = FakePartner(self.paging)
        with serve(partner) as partner.url:
            yield partner

    def connect(self, partner: FakePartner, http: Http) -> Rest:
        settings = {"base_url": partner.url, "api_key": API_KEY, "pagination": self.pagination}
        return Rest(Rest.Settings().load(settings), http)


class TestCursor(RestContract):
    pass


class TestUrl(RestContract):
    paging = "url"
    pagination: ClassVar[dict[str, Any]] = {"kind": "url"}


class TestLink(RestContract):
    paging = "link"
    pagination: ClassVar[dict[str, Any]] = {"kind": "link"}


class TestPage(RestContract):
    paging = "page"
    pagination: ClassVar[dict[str, Any]] = {"kind": "page", "parameter": "page"}


class TestOffset(RestContract):
    paging = "offset"
    pagination: ClassVar[dict[str, Any]] = {"kind": "offset", "parameter": "offset"}


class TestInteractions(RestContract):
    stream = "interactions"
    field = "subject"

    def record(self, number: int) -> Record:
        return {
            "customer_external_id": "C-1",
            "channel": "phone",
            "kind": "inquiry",
            "direction": "in",
            "subject": f"Deneme sürüşü {number}",
        }
