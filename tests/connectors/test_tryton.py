"""The tryton connector against a real trytond."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from connectors.base import Change, Connector, ConnectorError, StaleRecord
from connectors.contract.kit import MANY
from connectors.errors import CredentialsRefused
from connectors.http import Http
from connectors.testing import ConnectorContract
from connectors.tryton import Tryton
from connectors.wire import faults
from connectors.wire.faults import Fault, FaultyAdapter
from tests.connectors.trytond import PASSWORD, TrytonPartner, run_trytond

pytestmark = pytest.mark.peer

# Which field of each kind of child is tried, and with which values.
CHILDREN = {
    "party.address": ("city", "Eskişehir", "Kütahya"),
    "party.contact_mechanism": ("value", "a@example.com", "b@example.com"),
    "party.identifier": ("code", "C-1001", "C-2002"),
}
EXTRA: dict[str, dict[str, Any]] = {"party.contact_mechanism": {"type": "email"}, "party.identifier": {"type": None}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrytonPartner]:
    with run_trytond(tmp_path_factory.mktemp("trytond")) as server:
        yield server


def _renamed(body: Any, name: Any) -> Any:
    rows = body["result"] if isinstance(body["result"], list) else []
    for row in rows[:1]:
        if isinstance(row, dict) and "name" in row:
            row["name"] = name
    return body


def _without(body: Any, field: str) -> Any:
    for row in body["result"] if isinstance(body["result"], list) else []:
        if isinstance(row, dict):
            row.pop(field, None)
    return body


class TestTryton(ConnectorContract):
    long_listing = 45  # trytond makes a dozen parties a second on a busy machine

    @pytest.fixture
    def http(self, adapter: FaultyAdapter) -> Http:
        return self.way_out(adapter)

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

    @pytest.mark.parametrize("model", CHILDREN)
    @pytest.mark.parametrize("verb", ["create", "write", "delete"])
    def test_what_happens_to_a_child_alone_brings_its_party(
        self, partner: TrytonPartner, http: Http, model: str, verb: str
    ) -> None:
        field, first, second = CHILDREN[model]
        old = self.party(partner)
        told: dict[str, Any] = {"party": old, **EXTRA.get(model, {})}
        [child] = partner.call(model, "create", [{**told, field: first}])
        self.party(partner)
        cursor = self.pull(self.connect(partner, http, overlap_seconds=0)).cursor
        done: dict[str, list[Any]] = {
            "create": [[{**told, field: second}]],
            "write": [[child], {field: second}],
            "delete": [[child]],
        }
        partner.call(model, verb, *done[verb])
        shown = str(self.pull(self.connect(partner, http, overlap_seconds=0), cursor=cursor).records[str(old)])
        assert (first in shown, second in shown) == (verb == "create", verb != "delete")

    def test_deleted_child_has_all_read_again_once(self, partner: TrytonPartner, http: Http) -> None:
        self.fill(partner)
        party = self.party(partner, identifiers=[["create", [{"type": None, "code": "C-1"}]]])
        connector = self.connect(partner, http, overlap_seconds=0)
        cursor = self.pull(connector).cursor
        partner.call("party.identifier", "delete", partner.call("party.identifier", "search", [["party", "=", party]]))
        whole = self.pull(connector, cursor=cursor)
        assert (len(whole.records), self.pull(connector, cursor=whole.cursor).records) == (MANY + 1, {})

    def test_name_that_is_no_text_keeps_nobody_else_back(
        self, partner: TrytonPartner, http: Http, wire: FaultyAdapter
    ) -> None:
        ids = self.fill(partner)
        wire.plan(faults.reshaped(lambda body: _renamed(body, 7.5)), times=None)
        assert sorted(self.pull(self.connect(partner, http, unknown_kind="person")).records) == sorted(ids)

    def test_party_of_a_strange_form_is_told_as_unreadable(
        self, partner: TrytonPartner, http: Http, wire: FaultyAdapter
    ) -> None:
        [external_id] = partner.add(self.stream, [self.record(1)])
        wire.plan(faults.reshaped(lambda body: _without(body, "addresses.")), times=None)
        [record] = self.pull(self.connect(partner, http)).records.values()
        assert record == {"external_id": external_id, "unreadable": record["unreadable"]}

    def test_part_of_a_name_leaves_the_other_part(self, connector: Connector) -> None:
        pushed = self.create(connector, "K-7", self.person())
        self.push(connector, [Change("update", "K-7", pushed.external_id, {"family_name": "Öz"}, pushed.version)])
        back = connector.fetch(self.stream, str(pushed.external_id)) or {}
        assert (back["kind"], back["given_name"], back["family_name"]) == ("person", "Işıl", "Öz")

    def test_update_leaves_what_it_does_not_speak_of(self, partner: TrytonPartner, http: Http) -> None:
        website = [["create", [{"type": "website", "value": "https://isik.example"}]]]
        number = self.party(partner, contact_mechanisms=website, identifiers=[["create", [{"code": "C-9"}]]])
        before, connector = self.children(partner), self.connect(partner, http, unknown_kind="person")
        pushed = self.push(connector, [Change("update", "K-9", str(number), {"status": "inactive"})])
        back = connector.fetch(self.stream, str(number)) or {}
        assert (pushed.error, back["status"], back["kind"]) == (None, "inactive", "person")
        assert self.children(partner) == before

    def test_tax_number_that_was_emptied_goes(self, connector: Connector) -> None:
        pushed = self.create(connector, "K-7", {**self.person(), "tax_id": "17291716060"})
        self.push(connector, [Change("update", "K-7", pushed.external_id, {"tax_id": None}, pushed.version)])
        back = connector.fetch(self.stream, str(pushed.external_id)) or {}
        assert (back["tax_id"], back["kind"]) == (None, "person")

    def test_edit_between_our_look_and_our_write_makes_it_stale(
        self, connector: Connector, partner: TrytonPartner, wire: FaultyAdapter
    ) -> None:
        pushed = self.create(connector, "K-7", self.person())
        external_id = str(pushed.external_id)

        def meanwhile(request: requests.PreparedRequest, send: faults.Send) -> requests.Response:
            partner.change(self.stream, external_id, {"organisation_name": "Onların"})
            return send(request)

        wire.plan(Fault("meanwhile", meanwhile), when=self.is_write)
        answer = self.update(connector, pushed, "Bizim")
        assert isinstance(answer.error, StaleRecord)

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
