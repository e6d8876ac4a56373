"""Writing to a partner: once, whatever becomes of the answer, and never over a newer word."""

# ruff: noqa: S101  (these are tests)

from __future__ import annotations

import pytest

from connectors.base import Change, Connector, Pushed, StaleRecord
from connectors.contract.kit import ContractKit
from connectors.contract.partner import Partner
from connectors.wire import faults
from connectors.wire.faults import Fault, FaultyAdapter

_UNKNOWN = [faults.lost(), faults.truncated(), faults.spoiled(500), faults.spoiled(502), faults.broken_off()]
_NOT_OURS = ("external_id", "updated_at", "version")
_ROUNDS = 3


class Pushing(ContractKit):
    """Creating, changing and deleting at the partner."""

    def test_created_record_keeps_our_reference(self, connector: Connector, partner: Partner) -> None:
        pushed = self.create(connector, "K-1", self.record(1))
        assert (pushed.key, pushed.error, partner.ids(self.stream)) == ("K-1", None, [pushed.external_id])
        assert connector.find(self.stream, "K-1") == pushed.external_id
        assert self.pull(connector).records[str(pushed.external_id)]["reference"] == "K-1"

    def test_written_record_comes_back_as_it_was_sent(self, connector: Connector) -> None:
        sent = self.record(1)
        pushed = self.create(connector, "K-1", sent)
        back = self.pull(connector).records[str(pushed.external_id)]
        assert {name: back.get(name) for name in sent} == sent

    def test_writing_back_what_was_read_changes_nothing(self, connector: Connector) -> None:
        pushed = self.create(connector, "K-1", self.record(1))
        external_id = str(pushed.external_id)
        first = self.pull(connector).records[external_id]
        read = first
        for _ in range(_ROUNDS):
            record = {name: value for name, value in read.items() if name not in _NOT_OURS}
            answer = self.push(connector, [Change("update", "K-1", external_id, record, read.get("version"))])
            read = self.pull(connector).records[external_id]
            assert (answer.error, self.content(read)) == (None, self.content(first))

    @pytest.mark.parametrize("fault", _UNKNOWN, ids=str)
    def test_create_whose_answer_is_lost_is_found_again(
        self, connector: Connector, partner: Partner, wire: FaultyAdapter, fault: Fault
    ) -> None:
        wire.plan(fault, when=self.is_create)
        pushed = self.create(connector, "K-1", self.record(1))
        assert pushed.error is not None and not pushed.error.permanent
        assert [connector.find(self.stream, "K-1")] == partner.ids(self.stream)

    def test_create_tried_again_makes_no_second_record(
        self, connector: Connector, partner: Partner, wire: FaultyAdapter
    ) -> None:
        self.needs(connector, "push")
        wire.plan(faults.lost(), when=self.is_create)
        for _ in range(_ROUNDS):
            there = connector.find(self.stream, "K-1")
            op = "create" if there is None else "update"
            self.push(connector, [Change(op, "K-1", there, self.record(1))])  # type: ignore[arg-type]
        assert len(partner.ids(self.stream)) == 1

    def test_unknown_reference_is_not_found(self, connector: Connector, partner: Partner) -> None:
        self.needs(connector, "push")
        self.fill(partner)
        assert connector.find(self.stream, "K-404") is None

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

    def test_push_that_is_broken_off_sends_no_more(
        self, connector: Connector, partner: Partner, wire: FaultyAdapter
    ) -> None:
        self.needs(connector, "push")
        answers = connector.push(self.stream, [Change("create", f"K-{n}", record=self.record(n)) for n in range(4)])
        first = next(answers)
        wire.sent.clear()
        answers.close()  # type: ignore[attr-defined]
        assert wire.sent == [] and first.external_id in partner.ids(self.stream)
