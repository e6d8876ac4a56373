"""Anything in any order: every interaction is a living customer's, and every partner sees exactly its shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings as bounds
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from gateway.channels import Caller, Channel
from gateway.config import Settings
from gateway.customers import service as customers
from gateway.db import transaction
from gateway.errors import RecordMerged
from gateway.identity.merging import service as merging
from gateway.identity.merging.service import Wish
from gateway.interactions import service as interactions
from gateway.partners import service as partners
from tests.conftest import empty_tables
from tests.identity.merging.test_undo import everything
from tests.sync.conftest import rows

HOUSE = Caller(Channel.INTRANET, client_id="portal")
CODES = ("ankara", "eskisehir")
CALL = {"channel": "phone", "kind": "inquiry", "direction": "in", "visibility": "shared"}
_NUMBER = st.integers(0, 7)


@dataclass
class Done:
    """A merge, the world before it, and whether anything has happened since."""

    id: UUID
    keep_id: UUID
    lose_id: UUID
    before: dict[str, Any]
    is_last: bool = True


@dataclass
class Model:
    """What should be so: who sees whom, and which interactions there are."""

    shares: dict[UUID, set[str]] = field(default_factory=dict)
    recorded: set[UUID] = field(default_factory=set)
    lost: dict[UUID, UUID] = field(default_factory=dict)
    merges: list[Done] = field(default_factory=list)

    def touched(self) -> None:
        """Something happened that no undo takes back."""
        for each in self.merges:
            each.is_last = False


class Merging(RuleBasedStateMachine):
    """The house and two partners, at some people who may be one."""

    url = ""

    @initialize()
    def begin(self) -> None:
        empty_tables(self.url)
        self.model, self.serial = Model(), count()
        with transaction(Caller.system("test")) as tx:
            self.partners = {code: partners.add(tx, code, code.title()).id for code in CODES}
        for code in CODES:
            self.create(code)

    def caller(self, code: str) -> Caller:
        """A partner's own system."""
        return Caller(Channel.EXTRANET, partner=code, partner_id=self.partners[code], client_id=code)

    def one_of(self, number: int) -> UUID:
        """A living customer."""
        living = sorted(self.model.shares)
        return living[number % len(living)]

    @rule(code=st.sampled_from(CODES))
    def create(self, code: str) -> None:
        self.model.touched()
        points = [{"kind": "email", "value": f"isil{next(self.serial)}@example.com"}]
        with transaction(self.caller(code)) as tx:
            made = customers.create(tx, {"kind": "person", "given_name": "Işıl", "contact_points": points})
            call = interactions.create(tx, {**CALL, "customer_id": made["id"]})
        self.model.shares[made["id"]] = {code}
        self.model.recorded.add(call["id"])

    @precondition(lambda self: self.model.shares)
    @rule(number=_NUMBER, code=st.sampled_from(CODES))
    def share(self, number: int, code: str) -> None:
        self.model.touched()
        chosen = self.one_of(number)
        with transaction(HOUSE) as tx:
            customers.share(tx, chosen, code, "sale")
        self.model.shares[chosen].add(code)

    @precondition(lambda self: self.model.shares)
    @rule(number=_NUMBER, code=st.sampled_from(CODES))
    def unshare(self, number: int, code: str) -> None:
        chosen = self.one_of(number)
        if code in self.model.shares[chosen]:
            self.model.touched()
            with transaction(HOUSE) as tx:
                customers.unshare(tx, chosen, code)
            self.model.shares[chosen].discard(code)

    @precondition(lambda self: self.model.shares)
    @rule(number=_NUMBER, patch=st.sampled_from([{"given_name": "Işılay"}, {"locale": "tr"}, {"contact_points": []}]))
    def edit(self, number: int, patch: dict[str, Any]) -> None:
        self.model.touched()
        chosen = self.one_of(number)
        [(version,)] = rows("SELECT version FROM customers WHERE id = :id", id=chosen)
        with transaction(HOUSE) as tx:
            customers.change(tx, chosen, dict(patch), version)

    @precondition(lambda self: self.model.shares)
    @rule(number=_NUMBER, code=st.sampled_from(CODES))
    def record(self, number: int, code: str) -> None:
        chosen = self.one_of(number)
        if code in self.model.shares[chosen]:
            self.model.touched()
            with transaction(self.caller(code)) as tx:
                made = interactions.create(tx, {**CALL, "customer_id": chosen})
            self.model.recorded.add(made["id"])

    @precondition(lambda self: len(self.model.shares) > 1)
    @rule(number=_NUMBER, other=_NUMBER)
    def merge(self, number: int, other: int) -> None:
        keep_id, lose_id = self.one_of(number), self.one_of(other)
        if keep_id == lose_id:
            return
        before = everything()
        with transaction(HOUSE) as tx:
            merge_id = merging.merge(tx, Wish(keep_id, lose_id, {})).id
        self.model.merges.append(Done(merge_id, keep_id, lose_id, before))
        self.model.shares[keep_id] |= self.model.shares.pop(lose_id)
        self.model.lost[lose_id] = keep_id

    @precondition(lambda self: self.model.merges)
    @rule()
    def undo(self) -> None:
        done = self.model.merges.pop()
        with transaction(HOUSE) as tx:
            merging.undo(tx, done.id)
        self.model.lost.pop(done.lose_id)
        shared = rows("SELECT s.customer_id, p.code FROM shares s JOIN partners p ON p.id = s.partner_id")
        was = self.model.shares[done.keep_id]
        self.model.shares |= {each: {code for owner, code in shared if owner == each} for each in self._both(done)}
        assert self.model.shares[done.keep_id] | self.model.shares[done.lose_id] == was
        if done.is_last:
            assert everything() == done.before

    @precondition(lambda self: len(self.model.merges) > 1)
    @rule()
    def undo_an_older_one(self) -> None:
        older, last = self.model.merges[-2:]
        if older.keep_id in self._both(last):
            with pytest.raises(merging.MergedSince), transaction(HOUSE) as tx:
                merging.undo(tx, older.id)

    @invariant()
    def every_interaction_belongs_to_one_living_customer(self) -> None:
        found = dict(rows("SELECT i.id, c.id FROM interactions i LEFT JOIN customers c ON c.id = i.customer_id"))
        assert found.keys() == self.model.recorded
        assert set(found.values()) <= self.model.shares.keys()

    @invariant()
    def every_partner_sees_exactly_its_shares(self) -> None:
        for code in CODES:
            mine = {each for each, codes in self.model.shares.items() if code in codes}
            with transaction(self.caller(code)) as tx:
                seen = {row[0] for row in tx.raw.execute("SELECT id FROM customers")}
                reached = {row[0] for row in tx.raw.execute("SELECT customer_id FROM interactions")}
            assert (seen, reached - mine) == (mine, set())

    @invariant()
    def every_lost_id_leads_to_a_living_customer(self) -> None:
        for lost in self.model.lost:
            last = lost
            while last in self.model.lost:
                last = self.model.lost[last]
            with pytest.raises(RecordMerged) as refused, transaction(HOUSE) as tx:
                customers.change(tx, lost, {"locale": "tr"}, 1)
            assert refused.value.kept == last

    @staticmethod
    def _both(done: Done) -> tuple[UUID, UUID]:
        return done.keep_id, done.lose_id


def test_no_order_of_events_loses_anything(app: object, settings: Settings) -> None:
    machine: Callable[[], RuleBasedStateMachine] = type("Machine", (Merging,), {"url": settings.database_url})
    run_state_machine_as_test(machine, settings=bounds(max_examples=15, stateful_step_count=15))
