"""The tests every connector inherits: subclass `ConnectorContract`, give it a partner to talk to and a connector.

class TestMine(ConnectorContract):
    @pytest.fixture
    def partner(self): ...            # a running partner system with the four levers of `Partner`

    def connect(self, partner, http): # a connector with pages of at most three records
        return Mine(Mine.Settings().load({...}), http)
"""

# ruff: noqa: S101  (these are tests)

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime

import pytest

from connectors.base import CAN, STREAMS, Change, Connector, ConnectorError, ExpiredCursor, Pushed, StaleRecord
from connectors.wire import faults
from connectors.wire.faults import Fault, FaultyAdapter
from connectors.wire.kit import MANY, ContractKit, Partner, Round

__all__ = ["ConnectorContract", "Partner"]

TRICKY = "İIıiŞşĞğÜüÖöÇç 𝓚öprü 🚗"
PASSING: list[Fault] = [
    faults.answer(500, "boom"),
    faults.answer(503, "", {"Retry-After": "7"}),
    faults.answer(429, "slow down"),
    faults.answer(200, "<html>Bakımdayız</html>", {"Content-Type": "text/html"}),
    faults.answer(200, '{"error": "try later"}'),
    faults.truncated(),
    faults.lost(),
    faults.refused(),
]
PERMANENT = [
    faults.answer(401, "no"),
    faults.answer(403, "no"),
    faults.answer(302, "", {"Location": "http://other.example/"}),
]


class ConnectorContract(ContractKit):
    """What Köprü relies on, connector by connector."""

    # What it says about itself

    def test_connector_says_what_it_is(self, connector: Connector) -> None:
        assert connector.name and connector.title
        assert set(connector.streams) <= set(STREAMS)
        assert "pull" in connector.can <= CAN

    def test_settings_never_show_their_secrets(self, connector: Connector) -> None:
        shown = repr(connector.Settings().dump(connector.settings)) + repr(connector)
        assert not [secret for secret in self.secrets(connector) if secret in shown]

    def test_check_passes_with_good_settings(self, connector: Connector, wire: FaultyAdapter) -> None:
        connector.check()
        assert wire.sent, "check() asked the partner nothing"

    def test_check_fails_with_a_reason(self, connector: Connector, wire: FaultyAdapter) -> None:
        wire.plan(faults.answer(401, "unknown key"))
        with pytest.raises(ConnectorError, match="401"):
            connector.check()

    # Pulling

    def test_empty_partner_gives_a_page_and_a_cursor(self, connector: Connector) -> None:
        brought = self.pull(connector)
        assert (brought.records, bool(brought.cursor)) == ({}, True)

    def test_first_round_brings_every_record_in_our_shape(self, connector: Connector, partner: Partner) -> None:
        ids = [partner.add(self.stream, [self.record(number)])[0] for number in range(MANY)]
        records = self.pull(connector).records
        assert sorted(records) == sorted(ids)
        assert {key: errors for key, record in records.items() if (errors := self.errors(record))} == {}

    def test_records_that_share_a_time_survive_page_edges(self, connector: Connector, partner: Partner) -> None:
        ids = self.fill(partner)
        brought = self.pull(connector)
        assert (sorted(brought.records), brought.pages >= 3) == (sorted(ids), True)

    def test_every_page_edge_is_a_place_to_resume(self, connector: Connector, partner: Partner) -> None:
        ids = self.fill(partner)
        for edge in range(1, self.pull(connector).pages):
            brought = self.pull(connector, pages=edge)
            assert sorted(self.pull(connector, into=brought).records) == sorted(ids)

    def test_round_resumes_after_a_fault(self, connector: Connector, partner: Partner, wire: FaultyAdapter) -> None:
        ids, brought = self.fill(partner), Round()
        for page in connector.pull(self.stream, None):
            brought.take(page)
            if brought.pages == 1:
                wire.plan(faults.answer(503, ""))
                break
        with pytest.raises(ConnectorError):
            self.pull(connector, into=brought)
        assert sorted(self.pull(connector, into=brought).records) == sorted(ids)

    def test_second_round_brings_nothing_new(self, connector: Connector, partner: Partner) -> None:
        self.fill(partner)
        first = self.pull(connector)
        second = self.pull(connector, cursor=first.cursor)
        assert second.records.items() <= first.records.items()

    def test_change_arrives_in_the_next_round(self, connector: Connector, partner: Partner) -> None:
        ids = self.fill(partner)
        cursor = self.pull(connector).cursor
        partner.change(self.stream, ids[1], {self.field: "Yeni Ad"})
        assert self.pull(connector, cursor=cursor).records[ids[1]][self.field] == "Yeni Ad"

    def test_what_happens_during_a_round_is_not_lost(self, connector: Connector, partner: Partner) -> None:
        ids, brought = self.fill(partner), Round()
        for page in connector.pull(self.stream, None):
            brought.take(page)
            if brought.pages == 1:
                partner.change(self.stream, ids[0], {self.field: "Değişti"})
                partner.remove(self.stream, ids[1])
                ids += partner.add(self.stream, [self.record(99)])
        self.pull(connector, into=brought)
        assert set(brought.records) >= {*ids} - {ids[1]}
        assert brought.records[ids[0]][self.field] == "Değişti"

    def test_deletion_arrives_as_a_tombstone(self, connector: Connector, partner: Partner) -> None:
        self.needs(connector, "tombstones")
        ids = self.fill(partner)
        cursor = self.pull(connector).cursor
        partner.remove(self.stream, ids[0])
        deleted = self.pull(connector, cursor=cursor).deleted
        assert (ids[0] in deleted, deleted & {*ids[1:]}) == (True, set())

    def test_full_listing_leaves_out_the_deleted(self, connector: Connector, partner: Partner) -> None:
        self.needs(connector, "full_listing")
        ids = self.fill(partner)
        partner.remove(self.stream, ids[0])
        assert sorted(self.pull(connector).records) == sorted(ids[1:])

    @pytest.mark.parametrize("cursor", ["nonsense", "[]", '{"of": "another"}'])
    def test_strange_cursor_is_an_expired_one(self, connector: Connector, cursor: str) -> None:
        with pytest.raises(ExpiredCursor):
            self.pull(connector, cursor=cursor)

    # Pushing

    def test_created_record_keeps_our_reference(self, connector: Connector, partner: Partner) -> None:
        pushed = self.create(connector, "K-1", self.record(1))
        assert (pushed.key, pushed.error, partner.ids(self.stream)) == ("K-1", None, [pushed.external_id])
        assert connector.find(self.stream, "K-1") == pushed.external_id
        assert self.pull(connector).records[str(pushed.external_id)]["reference"] == "K-1"

    def test_lost_answer_to_a_create_is_found_again(
        self, connector: Connector, partner: Partner, wire: FaultyAdapter
    ) -> None:
        wire.plan(faults.lost(), when=self.is_create)
        pushed = self.create(connector, "K-1", self.record(1))
        assert pushed.error is not None and not pushed.error.permanent
        assert [connector.find(self.stream, "K-1")] == partner.ids(self.stream)

    def test_unknown_reference_is_not_found(self, connector: Connector, partner: Partner) -> None:
        self.needs(connector, "push")
        self.fill(partner)
        assert connector.find(self.stream, "K-404") is None

    def test_tricky_letters_survive_the_way_there_and_back(self, connector: Connector) -> None:
        pushed = self.create(connector, "K-1", {**self.record(1), self.field: TRICKY})
        assert self.pull(connector).records[str(pushed.external_id)][self.field] == TRICKY

    def test_update_changes_the_record(self, connector: Connector) -> None:
        created = self.create(connector, "K-1", self.record(1))
        pushed = self.update(connector, created, "İkinci")
        assert (pushed.error, pushed.external_id) == (None, created.external_id)
        assert self.pull(connector).records[str(created.external_id)][self.field] == "İkinci"

    def test_pushed_version_is_good_for_the_next_update(self, connector: Connector) -> None:
        created = self.create(connector, "K-1", self.record(1))
        again = self.update(connector, self.update(connector, created, "İkinci"), "Üçüncü")
        assert again.error is None

    def test_stale_update_is_refused(self, connector: Connector, partner: Partner) -> None:
        created = self.create(connector, "K-1", self.record(1))
        version = self.pull(connector).records[str(created.external_id)]["version"]
        partner.change(self.stream, str(created.external_id), {self.field: "Onların"})
        pushed = self.update(connector, Pushed("K-1", created.external_id, version), "Bizim")
        assert isinstance(pushed.error, StaleRecord)
        assert self.pull(connector).records[str(created.external_id)][self.field] == "Onların"

    def test_delete_can_be_repeated(self, connector: Connector, partner: Partner) -> None:
        created = self.create(connector, "K-1", self.record(1))
        changes = [Change("delete", "K-1", created.external_id)] * 2
        assert [pushed.error for pushed in connector.push(self.stream, changes)] == [None, None]
        assert partner.ids(self.stream) == []

    def test_bad_change_does_not_stop_the_others(self, connector: Connector, partner: Partner) -> None:
        self.needs(connector, "push")
        bad = Change("update", "K-2", "999999999", self.record(2))
        changes = [Change("create", "K-1", record=self.record(1)), bad, Change("create", "K-3", record=self.record(3))]
        errors = [pushed.error for pushed in connector.push(self.stream, changes)]
        assert [bool(error) for error in errors] == [False, True, False]
        assert len(partner.ids(self.stream)) == 2

    # Faults

    @pytest.mark.parametrize("fault", PASSING, ids=str)
    def test_passing_fault_asks_to_try_again(self, connector: Connector, wire: FaultyAdapter, fault: Fault) -> None:
        wire.plan(fault)
        with pytest.raises(ConnectorError) as caught:
            self.pull(connector)
        assert not caught.value.permanent

    @pytest.mark.parametrize("fault", PERMANENT, ids=str)
    def test_permanent_fault_asks_for_a_person(self, connector: Connector, wire: FaultyAdapter, fault: Fault) -> None:
        wire.plan(fault)
        with pytest.raises(ConnectorError) as caught:
            self.pull(connector)
        assert caught.value.permanent

    @pytest.mark.parametrize("as_date", [False, True])
    def test_partner_says_when_to_come_back(self, connector: Connector, wire: FaultyAdapter, as_date: bool) -> None:
        later = format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=30), usegmt=True)
        wire.plan(faults.answer(429, "", {"Retry-After": later if as_date else "30"}))
        with pytest.raises(ConnectorError) as caught:
            self.pull(connector)
        assert caught.value.retry_after == pytest.approx(30, abs=5)

    def test_no_request_leaves_the_partners_host(self, connector: Connector, wire: FaultyAdapter) -> None:
        wire.plan(faults.answer(302, "", {"Location": "http://169.254.169.254/latest"}))
        with pytest.raises(ConnectorError):
            self.pull(connector)
        assert not [request.url for request in wire.sent if "169.254" in str(request.url)]

    def test_errors_never_show_a_secret(self, connector: Connector, wire: FaultyAdapter) -> None:
        secrets = self.secrets(connector)
        echo = " ".join(secrets)
        shown = ""
        for fault in (faults.answer(401, echo), faults.answer(500, echo), faults.answer(200, echo), faults.refused()):
            wire.plan(fault)
            with pytest.raises(ConnectorError) as caught:
                self.pull(connector)
            shown += f"{caught.value!r} {caught.value.__cause__!r}"
        assert secrets and not [secret for secret in secrets if secret in shown]
