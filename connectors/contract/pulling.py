"""Reading a stream page by page: whole, from any place on, one page at a time, and without a trace."""

# ruff: noqa: S101  (these are tests)

from __future__ import annotations

import gc
import tracemalloc
from contextlib import suppress
from pathlib import Path
from urllib import parse

import pytest

import connectors
from connectors.base import Connector, ConnectorError, ExpiredCursor
from connectors.contract.kit import MANY, ContractKit, Round
from connectors.contract.partner import Partner
from connectors.wire import faults
from connectors.wire.faults import FaultyAdapter

_MOST_CUTS = 12
_FROM_PAGE = 8
_AT_THE_END = 6  # records: from there on are three pages and more, and only these are measured, for that takes long
_BYTES_KEPT = 100  # per record listed, in the connector's own code
_CODE = Path(connectors.__file__).parent


class Pulling(ContractKit):
    """Rounds from the beginning."""

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

    def test_every_page_edge_is_a_place_to_resume_for_a_new_process(
        self, connector: Connector, partner: Partner
    ) -> None:
        ids = self.fill(partner)
        for edge in range(1, self.pull(connector).pages):
            brought = self.pull(connector, pages=edge)
            assert sorted(self.pull(self.connect(partner, connector.http), into=brought).records) == sorted(ids)

    def test_round_cut_off_at_any_request_ends_the_same(
        self, connector: Connector, partner: Partner, wire: FaultyAdapter
    ) -> None:
        self.fill(partner)
        whole, asked = self.pull(connector).records, len(wire.sent)
        for place in range(0, asked, -(-asked // _MOST_CUTS)):
            brought = Round()
            wire.plan(faults.lost() if place % 2 else faults.reset(), when=faults.nth(place))
            with suppress(ConnectorError):
                self.pull(self.connect(partner, connector.http), into=brought)
            wire.calm()
            assert self.pull(self.connect(partner, connector.http), into=brought).records == whole, f"request {place}"

    def test_second_round_brings_nothing_new(self, connector: Connector, partner: Partner) -> None:
        self.fill(partner)
        first = self.pull(connector)
        second = self.pull(connector, cursor=first.cursor)
        assert second.records.items() <= first.records.items()

    @pytest.mark.parametrize("cursor", ["nonsense", "[]", '{"of": "another"}'])
    def test_strange_cursor_is_an_expired_one(self, connector: Connector, cursor: str) -> None:
        with pytest.raises(ExpiredCursor):
            self.pull(connector, cursor=cursor)

    def test_reading_writes_nothing(self, connector: Connector, partner: Partner, adapter: FaultyAdapter) -> None:
        ids = self.fill(partner)
        before = self.pull(connector).records
        adapter.sent.clear()
        connector.check()
        if "fetch" in connector.can:
            connector.fetch(self.stream, ids[0])
        if "push" in connector.can:
            connector.find(self.stream, "K-404")
        assert self.pull(connector).records == before
        assert [f"{each.method} {each.url}" for each in adapter.sent if self.is_write(each)] == []

    def test_pages_are_asked_for_one_by_one(self, connector: Connector, partner: Partner, wire: FaultyAdapter) -> None:
        self.fill(partner)
        pages = connector.pull(self.stream, None)
        next(pages)
        first = len(wire.sent)
        assert len([*pages]) >= 2 and len(wire.sent) > first + 1

    def test_round_that_is_broken_off_asks_no_more(
        self, connector: Connector, partner: Partner, wire: FaultyAdapter
    ) -> None:
        self.fill(partner)
        self.pull(connector, pages=1)
        asked = len(wire.sent)
        pages = connector.pull(self.stream, None)
        next(pages)
        wire.sent.clear()
        pages.close()  # type: ignore[attr-defined]
        assert (wire.sent, asked > 0) == ([], True)

    def test_long_listing_leaves_its_pages_behind(
        self, connector: Connector, partner: Partner, adapter: FaultyAdapter
    ) -> None:
        partner.add(
            self.stream, [{**self.record(n), self.field: f"{n} " + "ş" * 150} for n in range(self.long_listing)]
        )
        held: list[int] = []
        listed = 0
        tracemalloc.start()
        try:
            for number, page in enumerate(connector.pull(self.stream, None)):
                adapter.sent.clear()
                listed += len(page.records)
                if number == _FROM_PAGE or listed >= self.long_listing - _AT_THE_END:
                    held.append(self._held(connector))
        finally:
            tracemalloc.stop()
        # What is kept stays to the end; whatever else this process does comes and goes.
        grown = min(held[1:][-3:]) - held[0]
        assert grown < _BYTES_KEPT * (self.long_listing - 3 * _FROM_PAGE), "it keeps what it yielded"

    def _held(self, connector: Connector) -> int:
        """Bytes that live in the connector's code and in ours below it, the tests' own apart."""
        gc.collect()  # what only waits to be collected is not kept
        # Nor is the library's memory of the last addresses, which has an end (and no place in its type stubs).
        parse.clear_cache()  # type: ignore[attr-defined]
        ours = tracemalloc.Filter(True, f"{_CODE}/*")
        its = tracemalloc.Filter(True, type(connector).pull.__code__.co_filename)
        tests = (tracemalloc.Filter(False, f"{_CODE}/contract/*"), tracemalloc.Filter(False, f"{_CODE}/wire/faults.py"))
        traces = tracemalloc.take_snapshot().filter_traces((ours, its, *tests))
        return sum(trace.size for trace in traces.traces)
