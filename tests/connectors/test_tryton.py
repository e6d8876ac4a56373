"""The tryton connector against a real trytond."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from connectors.base import Change, Connector, ConnectorError, StaleRecord
from connectors.errors import CredentialsRefused
from connectors.http import Http
from connectors.testing import ConnectorContract
from connectors.tryton import Tryton
from connectors.wire.faults import FaultyAdapter
from tests.connectors.trytond import PASSWORD, TrytonPartner, run_trytond

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrytonPartner]:
    with run_trytond(tmp_path_factory.mktemp("trytond")) as server:
        yield server


class TestTryton(ConnectorContract):
    @pytest.fixture
    def partner(self, server: TrytonPartner) -> TrytonPartner:
        server.clear()
        return server

    def connect(self, partner: TrytonPartner, http: Http, **more: Any) -> Tryton:
        settings = {"base_url": partner.url, "database": "partner", "username": "admin", "password": PASSWORD}
        return Tryton(Tryton.Settings().load({**settings, "page_size": 3, **more}), http)

    def is_create(self, request: requests.PreparedRequest) -> bool:
        return b".party.create" in (request.body or b"")

    def is_write(self, request: requests.PreparedRequest) -> bool:
        return any(f'.{verb}"'.encode() in (request.body or b"") for verb in ("create", "write", "delete"))

    def party(self, partner: TrytonPartner, **values: Any) -> int:
        [number] = partner.call("party.party", "create", [{"name": "Işıl Çınar", "addresses": [], **values}])
        return int(number)

    def person(self) -> dict[str, Any]:
        address = {"line1": "Atatürk Cad. 1", "line2": "Daire 2", "city": "Eskişehir", "postal_code": "26010"}
        points = [
            {"kind": "email", "value": "isil@example.com"},
            {"kind": "phone", "value": "+905321234567"},
            {"kind": "address", "address": address},
        ]
        return {"kind": "person", "given_name": "Işıl", "family_name": "Çınar", "contact_points": points}

    def test_change_to_a_child_alone_brings_the_party(self, connector: Connector, partner: TrytonPartner) -> None:
        old = self.party(partner, contact_mechanisms=[["create", [{"type": "email", "value": "a@example.com"}]]])
        cursor = self.pull(self.connect(partner, connector.http, overlap_seconds=0)).cursor
        self.party(partner)
        [child] = partner.call("party.contact_mechanism", "search", [["party", "=", old]])
        partner.call("party.contact_mechanism", "write", [child], {"value": "b@example.com"})
        brought = self.pull(self.connect(partner, connector.http, overlap_seconds=0), cursor=cursor)
        assert brought.records[str(old)]["contact_points"] == [{"kind": "email", "value": "b@example.com"}]

    def test_person_goes_there_and_comes_back(self, connector: Connector) -> None:
        pushed = self.create(connector, "K-7", self.person())
        back = self.pull(connector).records[str(pushed.external_id)]
        assert (back["kind"], back["given_name"], back["family_name"], back["reference"]) == (
            "person",
            "Işıl",
            "Çınar",
            "K-7",
        )
        assert back["contact_points"][0] == {"kind": "email", "value": "isil@example.com"}
        assert back["contact_points"][2] == self.person()["contact_points"][2]

    def test_pushing_the_same_again_changes_no_child(self, connector: Connector, partner: TrytonPartner) -> None:
        pushed = self.create(connector, "K-7", self.person())
        before = self.children(partner)
        self.push(connector, [Change("update", "K-7", pushed.external_id, self.person(), pushed.version)])
        assert self.children(partner) == before

    def test_contact_point_taken_away_is_only_deactivated(self, connector: Connector, partner: TrytonPartner) -> None:
        pushed = self.create(connector, "K-7", self.person())
        fewer = {**self.person(), "contact_points": self.person()["contact_points"][1:]}
        self.push(connector, [Change("update", "K-7", pushed.external_id, fewer, pushed.version)])
        kinds = [point["kind"] for point in self.pull(connector).records[str(pushed.external_id)]["contact_points"]]
        assert (kinds, len(partner.call("party.contact_mechanism", "search", []))) == (["phone", "address"], 2)

    def test_contact_added_meanwhile_makes_the_update_stale(self, connector: Connector, partner: TrytonPartner) -> None:
        pushed = self.create(connector, "K-7", self.person())
        mechanism = {"party": int(str(pushed.external_id)), "type": "email", "value": "yeni@example.com"}
        partner.call("party.contact_mechanism", "create", [mechanism])
        answer = self.push(connector, [Change("update", "K-7", pushed.external_id, self.person(), pushed.version)])
        assert isinstance(answer.error, StaleRecord)

    def test_tax_number_tells_the_kind(self, connector: Connector, partner: TrytonPartner) -> None:
        number = self.party(partner, identifiers=[["create", [{"type": "tr_tckimlik", "code": "17291716060"}]]])
        record = self.pull(connector).records[str(number)]
        assert (record["kind"], record["tax_id"], record["family_name"]) == ("person", "17291716060", "Çınar")

    def test_invalid_value_is_refused_in_trytons_words(self, connector: Connector) -> None:
        points = [{"kind": "phone", "value": "123"}]
        pushed = self.create(connector, "K-7", {**self.person(), "contact_points": points})
        assert pushed.error is not None and pushed.error.permanent and "123" in pushed.error.message

    def test_ended_session_is_renewed(self, connector: Connector, partner: TrytonPartner, wire: FaultyAdapter) -> None:
        connector.check()
        partner.end_session(str(wire.sent[-1].headers["Authorization"]))
        assert self.pull(connector).pages == 1

    def test_wrong_password_is_refused(self, connector: Connector, partner: TrytonPartner) -> None:
        with pytest.raises(CredentialsRefused):
            self.connect(partner, connector.http, password="yanlış").check()

    def test_party_number_must_be_a_number(self, connector: Connector) -> None:
        answer = self.push(connector, [Change("update", "K-7", "../1", self.person())])
        assert isinstance(answer.error, ConnectorError) and answer.error.permanent

    def children(self, partner: TrytonPartner) -> list[Any]:
        models = ("party.address", "party.contact_mechanism", "party.identifier")
        return [partner.call(model, "search_read", [], 0, None, None, ["_timestamp"]) for model in models]
