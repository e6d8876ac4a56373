"""The odata connector along delta links, against a small service of our own: SAP's server offers none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.base import Connector, ConnectorError, ExpiredCursor
from connectors.contract.following import Following
from connectors.contract.pulling import Pulling
from connectors.contract.secrecy import Secrecy
from connectors.http import Http
from connectors.odata import OData
from connectors.wire.faults import FaultyAdapter
from connectors.wire.odata_settings import Stream
from connectors.wire.odata_stream import EntitySet
from tests.connectors.fake_partner import serve
from tests.connectors.servers.tracking import SECRET, TrackingService

CUSTOMERS: dict[str, Any] = {
    "entity_set": "Bayiler",
    "key": {"No": "string"},
    "delta": True,
    "fields": [{"ours": "kind", "theirs": "Tür"}, {"ours": "organisation_name", "theirs": "Ünvan"}],
}


class TestDelta(Pulling, Following, Secrecy):
    spelling = "@odata."
    long_listing = 60

    @pytest.fixture
    def partner(self) -> Iterator[TrackingService]:
        partner = TrackingService(self.spelling)
        with serve(partner) as partner.url:
            yield partner

    def connect(self, partner: TrackingService, http: Http, **more: Any) -> OData:
        door = {"base_url": partner.url, "api_key": SECRET, "streams": {"customers": {**CUSTOMERS, **more}}}
        return OData(OData.Settings().load(door), http)

    def test_next_round_asks_only_for_what_changed(
        self, connector: Connector, partner: TrackingService, adapter: FaultyAdapter
    ) -> None:
        ids = self.fill(partner)
        cursor = self.pull(connector).cursor
        partner.change(self.stream, ids[3], {self.field: "Çağ Oto"})
        partner.remove(self.stream, ids[4])
        adapter.sent.clear()
        brought = self.pull(connector, cursor=cursor)
        assert (len(adapter.sent), [*brought.records], brought.deleted) == (1, [ids[3]], {ids[4]})

    def test_expired_link_asks_for_a_new_beginning(self, connector: Connector, partner: TrackingService) -> None:
        self.fill(partner)
        cursor = self.pull(connector).cursor
        partner.forget()
        with pytest.raises(ExpiredCursor, match="410"):
            self.pull(connector, cursor=cursor)

    def test_change_that_tells_only_a_part_is_read_whole(self, connector: Connector, partner: TrackingService) -> None:
        ids = self.fill(partner)
        before = self.pull(connector)
        partner.told = {"No", "Ünvan"}
        partner.change(self.stream, ids[0], {self.field: "Yeni Ünvan"})
        told = self.pull(connector, cursor=before.cursor).records[ids[0]]
        assert (told["kind"], told[self.field]) == ("organisation", "Yeni Ünvan")

    def test_part_of_a_record_that_is_gone_by_now_wipes_nothing(
        self, connector: Connector, partner: TrackingService
    ) -> None:
        ids = self.fill(partner)
        cursor = self.pull(connector).cursor
        partner.told, partner.hides = {"No", "Ünvan"}, True
        partner.change(self.stream, ids[0], {self.field: "Yeni Ünvan"})
        assert self.pull(connector, cursor=cursor).records == {}

    def test_link_that_is_no_address_is_the_services_failure(
        self, connector: Connector, partner: TrackingService
    ) -> None:
        self.fill(partner)
        partner.host = "http://[x/"
        with pytest.raises(ConnectorError, match="could not be understood"):
            self.pull(connector)

    def test_service_that_tracks_nothing_is_told_at_once(self, connector: Connector, partner: TrackingService) -> None:
        self.fill(partner)
        partner.tracks = False
        with pytest.raises(ConnectorError, match="set `delta` to false") as caught:
            self.pull(connector)
        assert caught.value.permanent

    def test_links_lead_to_no_other_host(
        self, connector: Connector, partner: TrackingService, adapter: FaultyAdapter
    ) -> None:
        self.fill(partner)
        partner.host = "http://169.254.169.254/"
        with pytest.raises(ConnectorError, match="another host"):
            self.pull(connector)
        assert self.astray(adapter) == []

    def test_delta_link_is_of_no_use_once_it_is_switched_off(
        self, connector: Connector, partner: TrackingService
    ) -> None:
        cursor = self.pull(connector).cursor
        with pytest.raises(ExpiredCursor):
            self.pull(self.connect(partner, connector.http, delta=False), cursor=cursor)


@pytest.mark.parametrize(
    "entry",
    [
        {"@odata.context": "$metadata#Bayiler/$deletedEntity", "id": "Bayiler('İ-1')", "reason": "deleted"},
        {"@odata.context": "https://erp.example/$metadata#Bayiler/$deletedEntity", "id": "İ-1"},
        {"@removed": {"reason": "deleted"}, "id": "İ-1"},
        {"@removed": {}, "@id": "https://erp.example/odata/Bayiler(id='%C4%B0-1')"},
        {"@odata.removed": {"reason": "changed"}, "@odata.id": "Bayiler('%C4%B0-1')"},
    ],
)
def test_removed_entry_names_its_entity_in_every_form(entry: dict[str, Any]) -> None:
    described = Stream().load({**CUSTOMERS, "key": {"id": "string"}})
    stream = EntitySet("customers", described, "4.0", Http().site("https://erp.example/odata"))
    assert stream.sort(stream.read([entry])) == ([], ["İ-1"])


class TestDeltaOf401(TestDelta):
    spelling = "@"
