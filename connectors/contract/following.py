"""Following a partner's changes: late, in mid-round, by a wrong clock, with deletions and returns."""

# ruff: noqa: S101  (these are tests)

from __future__ import annotations

import pytest

from connectors.base import Connector
from connectors.contract.kit import ContractKit, Round
from connectors.contract.partner import Partner


class Following(ContractKit):
    """Rounds that begin where an earlier one ended."""

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

    def test_list_that_shrinks_at_every_page_loses_nobody(self, connector: Connector, partner: Partner) -> None:
        ids, brought = self.fill(partner), Round()
        for page in connector.pull(self.stream, None):
            brought.take(page)
            if brought.pages <= 2:
                partner.remove(self.stream, ids[brought.pages - 1])
        self.pull(connector, into=brought)
        assert set(brought.records) >= {*ids[2:]}

    def test_record_that_comes_in_late_is_found(self, connector: Connector, partner: Partner) -> None:
        levers = self.lever(partner, "add_late")
        self.fill(partner)
        cursor = self.pull(connector).cursor
        [late] = levers.add_late(self.stream, [self.record(50)], self.look_back_seconds)
        assert late in self.pull(connector, cursor=cursor).records

    @pytest.mark.parametrize("seconds", [-3600.0, 3600.0])
    def test_wrong_clock_hides_no_change(self, connector: Connector, partner: Partner, seconds: float) -> None:
        self.lever(partner, "shift_clock").shift_clock(seconds)
        ids = self.fill(partner)
        cursor = self.pull(connector).cursor
        partner.change(self.stream, ids[1], {self.field: "Yeni Ad"})
        assert self.pull(connector, cursor=cursor).records[ids[1]][self.field] == "Yeni Ad"

    def test_clock_that_is_set_right_hides_no_change(self, connector: Connector, partner: Partner) -> None:
        levers = self.lever(partner, "shift_clock")
        levers.shift_clock(3600)
        ids = self.fill(partner)
        cursor = self.pull(connector).cursor
        levers.shift_clock(0)
        partner.change(self.stream, ids[1], {self.field: "Yeni Ad"})
        assert self.pull(connector, cursor=cursor).records[ids[1]][self.field] == "Yeni Ad"

    def test_change_within_the_same_second_is_not_lost(self, connector: Connector, partner: Partner) -> None:
        self.lever(partner, "cut_times").cut_times()
        ids = self.fill(partner)
        cursor = self.pull(connector).cursor
        partner.change(self.stream, ids[0], {self.field: "Aynı Saniye"})
        assert self.pull(connector, cursor=cursor).records[ids[0]][self.field] == "Aynı Saniye"

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

    def test_full_listing_of_nobody_ends(self, connector: Connector, partner: Partner) -> None:
        self.needs(connector, "full_listing")
        for external_id in self.fill(partner):
            partner.remove(self.stream, external_id)
        assert self.pull(connector).records == {}

    def test_record_that_comes_back_arrives(self, connector: Connector, partner: Partner) -> None:
        levers = self.lever(partner, "restore")
        ids = self.fill(partner)
        partner.remove(self.stream, ids[0])
        cursor = self.pull(connector).cursor
        levers.restore(self.stream, ids[0], {**self.record(0), self.field: "Geri Döndü"})
        brought = self.pull(connector, cursor=cursor)
        assert (brought.records[ids[0]][self.field], ids[0] in brought.deleted) == ("Geri Döndü", False)
