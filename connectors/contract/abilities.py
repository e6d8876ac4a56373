"""What a connector may do besides: one record at a time, a range of time, and a partner that knocks at our door."""

# ruff: noqa: S101  (these are tests)

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

import pytest

from connectors.base import Connector, ConnectorError, NotAuthentic, Page, Record
from connectors.contract.kit import ContractKit, Round
from connectors.contract.partner import Partner
from connectors.wire.cursor import moment
from connectors.wire.faults import FaultyAdapter

_AN_HOUR = dt.timedelta(hours=1)


class Abilities(ContractKit):
    """ "fetch", "ranges" and "receive", where the connector claims them."""

    # fetch

    def test_one_record_is_fetched_as_a_round_would_bring_it(self, connector: Connector, partner: Partner) -> None:
        self.needs(connector, "fetch")
        ids = self.fill(partner)
        assert connector.fetch(self.stream, ids[4]) == self.pull(connector).records[ids[4]]

    def test_record_that_is_not_there_is_fetched_as_none(self, connector: Connector, partner: Partner) -> None:
        self.needs(connector, "fetch")
        ids = self.fill(partner)
        partner.remove(self.stream, ids[0])
        assert [connector.fetch(self.stream, each) for each in (ids[0], "999999999")] == [None, None]

    @pytest.mark.parametrize("external_id", ["", "..", "../1", "a/b?c=d#e", "%2e%2e", "İ 1"])
    def test_strange_id_is_fetched_as_none_or_refused(
        self, connector: Connector, partner: Partner, external_id: str
    ) -> None:
        self.needs(connector, "fetch")
        self.fill(partner)
        try:
            assert connector.fetch(self.stream, external_id) is None
        except ConnectorError as error:
            assert error.permanent

    # ranges

    def test_range_brings_all_that_changed_within_and_nothing_else(
        self, connector: Connector, partner: Partner
    ) -> None:
        self.needs(connector, "ranges")
        ids = self.fill(partner)
        began = self._newest(self.pull(connector).records.values())
        partner.change(self.stream, ids[2], {self.field: "Sonra"})
        ended = self._newest(self.pull(connector).records.values())
        assert began < ended, "the partner's times tell nothing"
        old, new = self._range(connector, began - _AN_HOUR, ended), self._range(connector, ended, ended + _AN_HOUR)
        assert (sorted(old.records), sorted(new.records)) == (sorted({*ids} - {ids[2]}), [ids[2]])

    def test_range_resumes_at_every_page_edge(self, connector: Connector, partner: Partner) -> None:
        self.needs(connector, "ranges")
        ids = self.fill(partner)
        newest = self._newest(self.pull(connector).records.values())
        since, until = newest - _AN_HOUR, newest + _AN_HOUR
        for edge in range(1, self._range(connector, since, until).pages):
            brought = self._range(connector, since, until, pages=edge)
            again = self._range(self.connect(partner, connector.http), since, until, into=brought)
            assert sorted(again.records) == sorted(ids)

    def test_empty_range_ends(self, connector: Connector, partner: Partner) -> None:
        self.needs(connector, "ranges")
        self.fill(partner)
        old = dt.datetime(1999, 1, 1, tzinfo=dt.UTC)
        assert self._range(connector, old, old + _AN_HOUR).records == {}

    def _newest(self, records: Iterable[Record]) -> dt.datetime:
        times = [moment(record.get("updated_at")) for record in records]
        known = [each for each in times if each is not None]
        if not known:
            pytest.skip("the records tell no time of change")
        return max(known)

    def _range(
        self, connector: Connector, since: dt.datetime, until: dt.datetime, *, pages: int = 0, into: Round | None = None
    ) -> Round:
        brought = into or Round()
        page: Page
        for page in connector.pull_range(self.stream, since, until, brought.cursor):
            brought.take(page)
            if brought.pages == pages:
                break
        return brought

    # receive

    def test_delivery_is_read_without_calling_anybody(
        self, connector: Connector, partner: Partner, adapter: FaultyAdapter
    ) -> None:
        self.needs(connector, "receive")
        levers = self.lever(partner, "delivery")
        ids = self.fill(partner)
        adapter.sent.clear()
        received = connector.receive(levers.delivery(self.stream, ids[0]))
        told = [record["external_id"] for record in received.records.get(self.stream, ())]
        assert (set(told) <= {ids[0]}, bool(received.delivery_id), adapter.sent) == (True, True, [])

    def test_delivery_sent_again_keeps_its_id_and_a_new_one_has_its_own(
        self, connector: Connector, partner: Partner
    ) -> None:
        self.needs(connector, "receive")
        levers = self.lever(partner, "delivery")
        ids = self.fill(partner)
        first, second = (levers.delivery(self.stream, each) for each in ids[:2])
        seen = [connector.receive(each).delivery_id for each in (first, first, second)]
        assert seen[0] == seen[1] != seen[2]

    def test_delivery_that_was_tampered_with_is_refused(self, connector: Connector, partner: Partner) -> None:
        self.needs(connector, "receive")
        levers = self.lever(partner, "delivery")
        request = levers.delivery(self.stream, self.fill(partner)[0])
        with pytest.raises(NotAuthentic):
            connector.receive(replace(request, body=request.body.replace(b"{", b'{"x": 1, ', 1)))

    def test_delivery_without_any_header_is_refused(self, connector: Connector, partner: Partner) -> None:
        self.needs(connector, "receive")
        levers = self.lever(partner, "delivery")
        request = levers.delivery(self.stream, self.fill(partner)[0])
        with pytest.raises(NotAuthentic):
            connector.receive(replace(request, headers={}, query={}))

    def test_delivery_of_yesterday_is_refused(self, connector: Connector, partner: Partner) -> None:
        self.needs(connector, "receive")
        levers = self.lever(partner, "delivery")
        with pytest.raises(NotAuthentic):
            connector.receive(levers.delivery(self.stream, self.fill(partner)[0], age_seconds=86_400))
