"""The odata connector against SAP's own OData server: by links and by skipping, alone and in both forms of batch."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
import requests

from connectors.base import Change, Connector, Record, StaleRecord
from connectors.contract.abilities import Abilities
from connectors.contract.content import Content
from connectors.contract.following import Following
from connectors.contract.pulling import Pulling
from connectors.contract.pushing import Pushing
from connectors.http import Http
from connectors.odata import OData
from connectors.testing import ConnectorContract
from connectors.wire import faults
from connectors.wire.faults import FaultyAdapter
from tests.connectors.cap import PASSWORD, ArchivingPartner, CapPartner, run_cap

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
        {"ours": "attributes.number", "theirs": "number", "as": "integer"},
        {"ours": "channel", "theirs": "channel"},
        {"ours": "kind", "theirs": "kind"},
        {"ours": "direction", "theirs": "direction"},
        {"ours": "subject", "theirs": "subject"},
        {"ours": "amount", "theirs": "amount", "as": "money", "currency": "TRY"},
    ],
}


@pytest.fixture(scope="module")
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
    long_listing = 60

    def test_expanded_children_and_chosen_properties_arrive(self, partner: CapPartner, adapter: FaultyAdapter) -> None:
        [external_id] = self.fill(partner)[:1]
        partner.write_emails(external_id, ["işıl@örnek.example"])
        mail = {"ours": "contact_points[email].value", "theirs": "emails.0.address"}
        narrowed = {
            **CUSTOMERS,
            "select": ["name", "category"],
            "expand": "emails($select=address)",
            "filter": "contains(name,'Işık') or name eq 'O''Neil'",
            "fields": [*CUSTOMERS["fields"][:2], mail],
        }
        connector = self.connect(partner, self.way_out(adapter), streams={"customers": narrowed})
        record = self.pull(connector).records[external_id]
        assert record["contact_points"] == [{"kind": "email", "value": "işıl@örnek.example"}]
        assert connector.fetch(self.stream, external_id) == record

    def test_total_is_told_where_it_is_asked_for(self, partner: CapPartner, adapter: FaultyAdapter) -> None:
        ids = self.fill(partner)
        counted = {"customers": {**CUSTOMERS, "count": True}}
        connector = self.connect(partner, self.way_out(adapter), streams=counted)
        assert next(connector.pull(self.stream, None)).total == len(ids)

    def test_link_that_the_service_forgot_is_no_end(
        self, connector: Connector, partner: CapPartner, wire: FaultyAdapter
    ) -> None:
        ids = self.fill(partner)
        wire.plan(faults.answer(410, ""), when=lambda request: "skiptoken" in str(request.url))
        assert sorted(self.pull(connector).records) == sorted(ids)

    def test_update_never_makes_a_record_anew(
        self, connector: Connector, partner: CapPartner, adapter: FaultyAdapter
    ) -> None:
        ids = self.fill(partner)
        partner.remove(self.stream, ids[0])
        pushed = self.push(connector, [Change("update", "K-1", ids[0], self.record(1))])
        assert pushed.error is not None and pushed.error.permanent
        assert (adapter.sent[-1].headers["If-Match"], sorted(partner.ids(self.stream))) == ("*", sorted(ids[1:]))


class TestSkip(Cap, Pulling, Following):
    root = "unpaged"
    long_listing = 60
    described: ClassVar[dict[str, Any]] = {"streams": {"customers": {**CUSTOMERS, "paging": "skip"}}}


class TestSoftDeletions(Cap, Following):
    described: ClassVar[dict[str, Any]] = {
        "streams": {"customers": {**CUSTOMERS, "deleted": {"property": "archived"}, "select": ["name", "category"]}}
    }

    @pytest.fixture
    def partner(self, server: CapPartner) -> CapPartner:
        server.clear()
        return ArchivingPartner(server.url)

    def test_archived_record_is_neither_fetched_nor_found(self, connector: Connector, partner: CapPartner) -> None:
        external_id = str(self.create(connector, "K-1", self.record(1)).external_id)
        partner.remove(self.stream, external_id)
        assert (connector.fetch(self.stream, external_id), connector.find(self.stream, "K-1")) == (None, None)


class TestCompositeKeys(Cap, Abilities, Content, Pushing, Following):
    root = "unpaged"
    stream = "interactions"
    field = "subject"
    described: ClassVar[dict[str, Any]] = {"streams": {"interactions": INTERACTIONS}}

    def record(self, number: int) -> Record:
        return {
            "customer_external_id": "C'1/I,=%2F",  # ASCII: SAP's server dies of any other letter in a Location
            "attributes": {"number": number},
            "channel": "phone",
            "kind": "inquiry",
            "direction": "in",
            "subject": f"Deneme sürüşü {number}",
        }


class TestJsonBatch(Cap, Content, Pushing):
    described: ClassVar[dict[str, Any]] = {"streams": {"customers": CUSTOMERS}, "batch": {"format": "json"}}

    def test_many_changes_go_by_few_requests_and_answer_in_order(
        self, partner: CapPartner, adapter: FaultyAdapter
    ) -> None:
        connector = self.connect(partner, self.way_out(adapter), batch={**self.described["batch"], "most": 4})
        changes = [Change("create", f"K-{number}", record=self.record(number)) for number in range(10)]
        answers = list(connector.push(self.stream, changes))
        assert [(each.key, each.error) for each in answers] == [(f"K-{number}", None) for number in range(10)]
        assert connector.find(self.stream, "K-7") == answers[7].external_id
        assert sum(request.method == "POST" for request in adapter.sent) == 3

    @pytest.mark.parametrize("status", [400, 404, 405, 413, 415, 501])
    def test_batch_that_is_refused_as_a_whole_goes_one_by_one(
        self, connector: Connector, partner: CapPartner, wire: FaultyAdapter, status: int
    ) -> None:
        wire.plan(faults.answer(status, "no batches here"))
        changes = [Change("create", f"K-{number}", record=self.record(number)) for number in range(3)]
        assert [each.error for each in connector.push(self.stream, changes)] == [None] * 3
        assert len(partner.ids(self.stream)) == 3

    def test_batch_that_fails_as_a_whole_leaves_every_outcome_open(
        self, connector: Connector, wire: FaultyAdapter
    ) -> None:
        wire.plan(faults.answer(503, "", {"Retry-After": "7"}))
        changes = [Change("create", f"K-{number}", record=self.record(number)) for number in range(2)]
        errors = [each.error for each in connector.push(self.stream, changes)]
        assert [(each.permanent, each.retry_after) for each in errors if each] == [(False, 7.0)] * 2

    def test_stale_change_among_others_is_its_own(self, connector: Connector, partner: CapPartner) -> None:
        ids = self.fill(partner)
        versions = {each: record["version"] for each, record in self.pull(connector).records.items()}
        partner.change(self.stream, ids[1], {self.field: "Onların"})
        changes = [Change("update", each, each, {self.field: "Bizim"}, versions[each]) for each in ids[:3]]
        stale = [isinstance(each.error, StaleRecord) for each in connector.push(self.stream, changes)]
        assert stale == [False, True, False]


class TestMultipartBatch(TestJsonBatch):
    described: ClassVar[dict[str, Any]] = {"streams": {"customers": CUSTOMERS}, "batch": {"format": "multipart"}}
