"""The kopru connector against a real gateway."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
import requests
from flask import Flask
from joserfc.jwk import ECKey, OKPKey, RSAKey
from marshmallow import ValidationError
from sqlalchemy import text

from connectors.base import Change, Connector, ConnectorError, Record
from connectors.contract.serving import serve
from connectors.errors import CredentialsRefused
from connectors.http import Http
from connectors.kopru import Kopru
from connectors.testing import ConnectorContract
from connectors.wire.faults import FaultyAdapter
from connectors.wire.kopru_reading import show
from gateway.channels import Caller
from gateway.config import Settings
from gateway.db import Query, new_id, now, transaction
from gateway.oauth import keys, standing
from tests.conftest import BASE_URL
from tests.connectors.gateway_partner import NAME, WEBHOOK_SECRET, GatewayPartner
from tests.emptying import empty_tables

PRIVATE_KEYS: dict[str, ECKey | OKPKey | RSAKey] = {
    "ES256": ECKey.generate_key("P-256"),
    "EdDSA": OKPKey.generate_key("Ed25519"),
    "PS256": RSAKey.generate_key(2048),
}


@pytest.fixture(scope="module")
def gateway_url(whole_app: Flask, settings: Settings) -> Iterator[str]:
    """The application itself, listening."""
    empty_tables(settings.database_url)
    standing.forget()
    with transaction(Caller.system("test")) as tx:
        keys.ensure_first_key(tx)
    with serve(whole_app) as url:
        yield url


class KopruContract(ConnectorContract):
    @pytest.fixture
    def partner(self, gateway_url: str) -> GatewayPartner:
        return GatewayPartner(gateway_url)

    def connect(self, partner: GatewayPartner, http: Http, **more: Any) -> Kopru:
        settings = {"base_url": partner.url, "name": NAME, "client_id": partner.client_id, "page_size": 3}
        settings |= {"client_secret": partner.secret, "granted": ["birth_date", "tax_id"]}
        settings |= {"webhook_secrets": [WEBHOOK_SECRET], "overlap_seconds": 60, **more}
        return Kopru(Kopru.Settings().load(settings), http)

    def is_create(self, request: requests.PreparedRequest) -> bool:
        return request.method == "POST" and not self.asks_for_token(request)

    def is_write(self, request: requests.PreparedRequest) -> bool:
        return request.method != "GET" and not self.asks_for_token(request)

    def asks_for_token(self, request: requests.PreparedRequest) -> bool:
        return str(request.url).endswith("/oauth/token")


class TestKopru(KopruContract):
    def person(self, **more: Any) -> Record:
        points = [
            {"kind": "email", "value": "isil@example.com", "primary": True},
            {"kind": "address", "address": {"line1": "Atatürk Cad. 1", "city": "Eskişehir", "country": "TR"}},
        ]
        return {"kind": "person", "given_name": "Işıl", "family_name": "Çınar", "contact_points": points, **more}

    def there(self, connector: Connector, external_id: str | None) -> Record:
        item = show(connector._site, connector._kinds[self.stream], str(external_id))  # type: ignore[attr-defined]
        assert isinstance(item, dict)
        return item

    @pytest.mark.parametrize("algorithm", PRIVATE_KEYS)
    def test_signed_assertion_opens_the_door(self, gateway_url: str, algorithm: str) -> None:
        key = PRIVATE_KEYS[algorithm]
        partner = GatewayPartner(gateway_url, {"keys": [key.as_dict(private=False)]})
        pem = key.as_pem(private=True).decode()
        self.connect(partner, Http(), client_secret=None, private_key=pem, issuer=BASE_URL).check()

    def test_wrong_secret_is_refused(self, partner: GatewayPartner) -> None:
        with pytest.raises(CredentialsRefused):
            self.connect(partner, Http(), client_secret="yanlış").check()

    @pytest.mark.parametrize(
        ("name", "proof"),
        [
            ("client_secret", {"client_secret": None}),
            ("client_secret", {"client_secret": "gizli", "private_key": "gizli"}),
            ("private_key", {"client_secret": None, "private_key": "no key"}),
            ("webhook_secrets", {"webhook_secrets": ["gizli"]}),
        ],
    )
    def test_unusable_proof_is_refused_by_its_name(
        self, partner: GatewayPartner, name: str, proof: dict[str, Any]
    ) -> None:
        with pytest.raises(ValidationError) as refused:
            self.connect(partner, Http(), **proof)
        assert set(refused.value.messages_dict) == {name}

    def test_agreed_fields_go_there_and_the_others_stay_here(self, connector: Connector) -> None:
        record = self.person(birth_date="1980-05-17", tax_id="17291716060", internal_note="Sır")
        pushed = self.create(connector, "K-1", record)
        back = self.pull(connector).records[str(pushed.external_id)]
        assert (back["birth_date"], back["tax_id"], "internal_note" in back) == ("1980-05-17", "17291716060", False)

    def test_fields_that_are_not_agreed_are_left_out(self, partner: GatewayPartner) -> None:
        connector = self.connect(partner, Http(), granted=[])
        assert self.create(connector, "K-1", self.person(birth_date="1980-05-17")).error is None

    def test_contact_point_that_stays_keeps_its_identity(self, connector: Connector) -> None:
        pushed = self.create(connector, "K-1", self.person())
        before = {each["id"] for each in self.there(connector, pushed.external_id)["contact_points"]}
        points = [*self.person()["contact_points"], {"kind": "phone", "value": "+905321234567"}]
        self.push(connector, [Change("update", "K-1", pushed.external_id, {"contact_points": points}, pushed.version)])
        after = {each["id"] for each in self.there(connector, pushed.external_id)["contact_points"]}
        assert before < after and len(after) == 3

    def test_new_identifiers_leave_our_reference_there(self, connector: Connector) -> None:
        pushed = self.create(connector, "K-1", self.person())
        record = {"identifiers": [{"system": "erp", "value": "C-1"}]}
        self.push(connector, [Change("update", "K-1", pushed.external_id, record, pushed.version)])
        back = self.pull(connector).records[str(pushed.external_id)]
        assert (connector.find(self.stream, "K-1"), back["identifiers"]) == (pushed.external_id, record["identifiers"])

    def test_attribute_taken_away_goes_there_too(self, connector: Connector) -> None:
        pushed = self.create(connector, "K-1", self.person(attributes={"a": {"x": 1, "y": 2}, "b": 1}))
        record = {"attributes": {"a": {"x": 1}}}
        self.push(connector, [Change("update", "K-1", pushed.external_id, record, pushed.version)])
        assert self.pull(connector).records[str(pushed.external_id)]["attributes"] == record["attributes"]

    def test_what_we_withdrew_is_told_as_deleted(self, connector: Connector) -> None:
        pushed = self.create(connector, "K-1", self.person())
        cursor = self.pull(connector).cursor
        self.push(connector, [Change("delete", "K-1", pushed.external_id)])
        brought = self.pull(connector, cursor=cursor)
        assert (brought.records, brought.deleted) == ({}, {pushed.external_id})

    def test_refusal_says_what_is_wrong_and_where(self, connector: Connector) -> None:
        error = self.create(connector, "K-1", self.person(tax_id="17291716061")).error
        assert error is not None and error.permanent and "/tax_id" in error.message

    def test_customer_that_the_other_gateway_brought_is_not_sent_back(
        self, connector: Connector, partner: GatewayPartner
    ) -> None:
        [theirs] = partner.add(self.stream, [self.record(1)])
        copy = {**self.record(1), "identifiers": [{"system": "kopru-bayi", "value": theirs}]}
        error = self.create(connector, "K-1", copy).error
        assert error is not None and "pause one of the two" in error.message
        assert partner.ids(self.stream) == [theirs]

    def test_cursor_the_gateway_forgot_costs_no_record(self, connector: Connector, partner: GatewayPartner) -> None:
        ids = self.fill(partner)
        brought = self.pull(connector, pages=1)
        state = json.loads(str(brought.cursor))
        brought.cursor = json.dumps({**state, "place": "unutuldu"})
        assert sorted(self.pull(connector, into=brought).records) == sorted(ids)

    def test_customer_shared_long_after_it_changed_arrives(self, connector: Connector, partner: GatewayPartner) -> None:
        partner.add(self.stream, [self.record(1)])
        cursor = self.pull(connector).cursor
        partner.show_customer(changed_seconds_ago=86_400)
        assert partner.customer in self.pull(connector, cursor=cursor).records

    @pytest.mark.parametrize("what", ["unshared", "deleted"])
    def test_webhook_of_an_end_is_a_deletion(self, connector: Connector, partner: GatewayPartner, what: str) -> None:
        received = connector.receive(partner.signed({"type": f"customer.{what}", "data": {"id": "X"}}))
        assert (received.deleted, received.records) == ({"customers": ["X"]}, {})

    def test_webhook_about_something_else_only_wakes_us(self, connector: Connector, partner: GatewayPartner) -> None:
        received = connector.receive(partner.signed({"type": "partner.renamed", "data": {}}))
        assert (received.records, received.deleted) == ({}, {})

    def test_thin_webhook_only_wakes_us(self, connector: Connector, partner: GatewayPartner) -> None:
        thin = {"id": "X", "customer_id": "X", "version": 2, "url": "/extranet/v1/customers/X"}
        received = connector.receive(partner.signed({"type": "customer.updated", "data": thin}))
        assert (received.records, received.deleted) == ({}, {})

    def test_webhook_that_makes_no_sense_is_an_error(self, connector: Connector, partner: GatewayPartner) -> None:
        with pytest.raises(ConnectorError):
            connector.receive(partner.signed({"type": "customer.updated", "data": 7}))

    def test_without_secrets_nothing_is_received(self, partner: GatewayPartner) -> None:
        assert "receive" not in self.connect(partner, Http(), webhook_secrets=[]).can


class TestInteractions(KopruContract):
    stream = "interactions"
    field = "subject"
    excused: ClassVar[Mapping[str, str]] = {
        "test_long_listing_leaves_its_pages_behind": "the walk is the customers', where it is measured",
    }

    @pytest.fixture
    def partner(self, gateway_url: str) -> GatewayPartner:
        partner = GatewayPartner(gateway_url)
        partner.show_customer()
        self.customer = partner.customer
        return partner

    def record(self, number: int) -> Record:
        said = {"channel": "phone", "kind": "inquiry", "direction": "in", "subject": f"Deneme sürüşü {number}"}
        return {"customer_external_id": self.customer, **said}

    def test_how_far_it_may_be_seen_is_each_gateways_own_affair(self, connector: Connector) -> None:
        pushed = self.create(connector, "K-1", {**self.record(1), "visibility": "shared"})
        item = connector.fetch(self.stream, str(pushed.external_id))
        assert pushed.error is None and item is not None and "visibility" not in item
        hidden = Change("update", "K-1", pushed.external_id, {"visibility": "internal"}, pushed.version)
        assert self.push(connector, [hidden]) == pushed

    def test_reference_is_looked_for_no_further_back_than_it_is_old(
        self, connector: Connector, partner: GatewayPartner, wire: FaultyAdapter
    ) -> None:
        ids = [UUID(each) for each in partner.add(self.stream, [self.record(number) for number in range(201)])]
        age = {"ids": ids, "old": now() - timedelta(days=3)}
        with transaction(Caller.system("test")) as tx:
            tx.run(Query(text("UPDATE interactions SET created_at = :old WHERE id = ANY(:ids)")), **age)
        connector.check()
        wire.sent.clear()
        assert connector.find(self.stream, str(new_id())) is None and len(wire.sent) == 1
