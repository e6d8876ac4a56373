"""The whole contract against partners that share nothing with us but JSON: what a description can take care of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
import requests

from connectors.base import Change, Connector
from connectors.http import Http
from connectors.rest import Rest
from connectors.testing import ConnectorContract
from tests.connectors.fake_partner import serve
from tests.connectors.servers.foreign import SECRET, BatchApi, ForeignPartner, GermanErp, TurkishApi


class Foreign(ConnectorContract):
    make: ClassVar[type[ForeignPartner]]
    described: ClassVar[dict[str, Any]]

    @pytest.fixture
    def partner(self) -> Iterator[ForeignPartner]:
        partner = self.make()
        with serve(partner) as partner.url:
            yield partner

    def connect(self, partner: ForeignPartner, http: Http) -> Rest:
        return Rest(Rest.Settings().load({"base_url": partner.url, **self.described}), http)

    def secrets(self, connector: Connector) -> list[str]:
        return [SECRET]


class TestGermanErp(Foreign):
    make = GermanErp
    described: ClassVar[dict[str, Any]] = {
        "auth": "basic",
        "username": "köprü",
        "password": SECRET,
        "streams": {
            "customers": {
                "path": "/kunden",
                "items": "DATEN",
                "update": "PUT",
                "fields": [
                    {"ours": "external_id", "theirs": "NR", "as": "text"},
                    {"ours": "version", "theirs": "STAND", "as": "text"},
                    {"ours": "updated_at", "theirs": "GEAENDERT", "as": "turkish_time", "zone": "Europe/Berlin"},
                    {"ours": "kind", "theirs": "ART", "as": "map", "pairs": {"person": "P", "organisation": "F"}},
                    {"theirs": "NAME", "as": "name"},
                ],
            }
        },
        "pagination": {
            "kind": "page", "parameter": "SEITE", "first_page": 0, "limit_parameter": None, "total": "ANZAHL"
        },
        "incremental": {"parameter": "AB", "as": "turkish_time", "zone": "Europe/Berlin"},
        "tombstones": {"field": "GELOESCHT", "values": ["J"], "parameters": {}},
        "reference": {"field": "FREMDNR", "parameter": "FREMDNR"},
    }  # fmt: skip


class TestTurkishApi(Foreign):
    make = TurkishApi
    described: ClassVar[dict[str, Any]] = {
        "auth": "api_key",
        "api_key": SECRET,
        "api_key_parameter": "anahtar",
        "streams": {
            "customers": {
                "path": "/müşteriler",
                "items": "sonuç.kayıtlar",
                "fields": [
                    {"ours": "external_id", "theirs": "kayıt_no", "as": "text"},
                    {"ours": "version", "theirs": "sürüm", "as": "text"},
                    {"ours": "updated_at", "theirs": "değişti", "as": "local_time", "zone": "Europe/Istanbul"},
                    {"ours": "kind", "theirs": "tür", "as": "map", "pairs": {"person": 1, "organisation": 2}},
                    {"ours": "organisation_name", "theirs": "ünvan"},
                ],
            }
        },
        "pagination": {"kind": "url", "next": "sayfa.sonraki", "limit_parameter": None},
        "incremental": {"parameter": "değişen", "as": "local_time", "zone": "Europe/Istanbul"},
        "tombstones": {"kind": "list", "path": "/müşteriler/silinenler", "items": "sonuç.kayıtlar", "id": "no"},
        "reference": {"field": "dış_no", "parameter": "dış_no"},
    }

    def test_key_in_the_partners_links_stays_out_of_the_cursors(
        self, connector: Connector, partner: ForeignPartner
    ) -> None:
        self.fill(partner)
        cursors = [page.cursor for page in connector.pull(self.stream, None)]
        assert "imle" in cursors[0] and not [each for each in cursors if SECRET in each]


class TestBatchApi(Foreign):
    make = BatchApi

    described: ClassVar[dict[str, Any]] = {
        "auth": "oauth",
        "streams": {
            "customers": {
                "path": "/v2/accounts",
                "items": "",
                "fields": [
                    {"ours": "external_id", "theirs": "accountId", "as": "text"},
                    {"ours": "version", "theirs": "revision", "as": "text"},
                    {"ours": "updated_at", "theirs": "modifiedMs", "as": "epoch_milliseconds"},
                    {
                        "ours": "kind",
                        "theirs": "type",
                        "as": "map",
                        "pairs": {"person": "PERSON", "organisation": ["COMPANY", "DEALER"]},
                    },
                    {"ours": "organisation_name", "theirs": "legalName"},
                ],
                "batch": {
                    "path": "/v2/accounts/bulk", "most": 2, "items": "changes", "op": "action", "id": "id",
                    "version": "rev", "answers": "results", "status": "code", "record": "account", "error": "why",
                },
            }
        },
        "pagination": {"kind": "offset", "parameter": "offset", "limit_parameter": None},
        "incremental": {"parameter": "modifiedFrom", "as": "epoch_milliseconds"},
        "tombstones": {"field": "state", "values": ["DELETED"], "parameters": {}},
        "reference": {"field": "externalRef", "parameter": "externalRef"},
    }  # fmt: skip

    def connect(self, partner: ForeignPartner, http: Http) -> Rest:
        door = {"token_url": f"{partner.url}/token", "client_id": "köprü", "client_secret": SECRET}
        oauth = {**door, "client_auth": "post", "scope": "crm"}
        return Rest(Rest.Settings().load({"base_url": partner.url, **self.described, "oauth": oauth}), http)

    def is_create(self, request: requests.PreparedRequest) -> bool:
        return request.method == "POST" and not str(request.url).endswith("/token")

    def is_write(self, request: requests.PreparedRequest) -> bool:
        return request.method != "GET" and not str(request.url).endswith("/token")

    def test_many_changes_go_by_few_requests_and_answer_in_order(self, connector: Connector, partner: BatchApi) -> None:
        changes = [Change("create", f"K-{number}", record=self.record(number)) for number in range(5)]
        answers = list(connector.push(self.stream, changes))
        assert ([each.key for each in answers], [each.error for each in answers]) == (
            [f"K-{number}" for number in range(5)],
            [None] * 5,
        )
        assert partner.bulks == 3
