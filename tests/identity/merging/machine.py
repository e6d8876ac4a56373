"""The house and two partners' people at work on customers who may be one: create, share, claim, merge, undo, erase."""

from __future__ import annotations

from collections import Counter
from itertools import count
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)

from gateway.channels import Caller, Channel
from gateway.claims import review
from gateway.claims import service as claims
from gateway.claims.review import Approval
from gateway.claims.states import ClaimProtected
from gateway.customers import service as customers
from gateway.db import transaction
from gateway.errors import NotFound, RecordMerged
from gateway.identity.merging import service as merging
from gateway.identity.merging.service import Wish
from gateway.interactions import service as interactions
from gateway.longrunning import work as longrunning
from gateway.longrunning.models import ACTIVE, Operation
from gateway.rights.cases import service as cases
from schemas.claim import ClaimInput
from tests.identity.merging.model import Done, Model
from tests.identity.merging.test_undo import everything
from tests.sync.conftest import rows

HOUSE = Caller(Channel.INTRANET, client_id="portal")
CODES = ("ankara", "eskisehir")
CALL = {"channel": "phone", "kind": "inquiry", "direction": "in", "visibility": "shared"}
_NUMBER = st.integers(0, 7)
_MANY = 7  # few people are merged with each other, and again, more often than many


class Merging(RuleBasedStateMachine):
    """The house and two partners, at some people who may be one."""

    drawn: ClassVar[Counter[str]]
    model: Model
    partners: dict[str, UUID]

    def __init__(self) -> None:
        super().__init__()
        self.serial = count()

    def caller(self, code: str) -> Caller:
        """A partner's own system."""
        return Caller(Channel.EXTRANET, partner=code, partner_id=self.partners[code], client_id=code)

    def one_of(self, number: int, besides: UUID | None = None) -> UUID:
        """A living customer."""
        living = sorted(self.model.shares.keys() - {besides})
        return living[number % len(living)]

    @precondition(lambda self: len(self.model.shares) < _MANY)
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
        self.drawn["share"] += 1

    @precondition(lambda self: self.model.shares)
    @rule(number=_NUMBER, code=st.sampled_from(CODES))
    def unshare(self, number: int, code: str) -> None:
        chosen = self.one_of(number)
        if code in self.model.shares[chosen]:
            self.model.touched()
            with transaction(HOUSE) as tx:
                customers.unshare(tx, chosen, code)
            self.model.shares[chosen].discard(code)
            self.drawn["unshare"] += 1

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

    @precondition(lambda self: self.model.shares)
    @rule(number=_NUMBER, code=st.sampled_from(CODES), is_known=st.booleans(), scope=st.sampled_from(["Sedan", "SUV"]))
    def claim(self, number: int, code: str, is_known: bool, scope: str) -> None:
        """A partner claims somebody, who is a customer, as the house finds, or becomes one."""
        self.model.touched()
        points = [{"kind": "email", "value": f"oguz{next(self.serial)}@example.com"}]
        person = {"kind": "person", "given_name": "Oğuz", "contact_points": points}
        with transaction(self.caller(code)) as tx:
            said = ClaimInput().load({"person": person, "scope": scope, "submit": True})
            claim_id = claims.draft(tx, said).id
        chosen = self.one_of(number) if is_known else None
        try:
            with transaction(HOUSE) as tx:
                review.take_up(tx, claim_id)
                owned = review.approve(tx, claim_id, Approval(chosen)).customer_id
        except ClaimProtected:
            assert is_known, "nobody else can have claimed a stranger"
            return
        assert owned is not None and chosen in (owned, None)
        self.model.shares.setdefault(owned, set()).add(code)
        self.drawn["claim"] += 1

    @precondition(lambda self: len(self.model.shares) > 2)
    @rule(number=_NUMBER)
    def erase(self, number: int) -> None:
        self.model.touched()
        chosen = self.one_of(number)
        told = {each for (each,) in rows("SELECT id FROM interactions WHERE customer_id = :id", id=chosen)}
        undoable = [each.id for each in self.model.merges if each.keep_id in self.model.former(chosen)]
        with transaction(HOUSE) as tx:
            case_id = cases.start(tx, cases.ask(tx, chosen, "erasure", 30).id).id
        work_off(case_id)
        self.model.erased(chosen)
        self.drawn["erase"] += 1
        self.model.recorded -= told
        for merge_id in undoable:
            with pytest.raises((NotFound, merging.AlreadyUndone)), transaction(HOUSE) as tx:
                merging.undo(tx, merge_id)

    @precondition(lambda self: len(self.model.shares) > 1)
    @rule(number=_NUMBER, other=_NUMBER)
    def merge(self, number: int, other: int) -> None:
        keep_id = self.one_of(number)
        lose_id = self.one_of(other, besides=keep_id)
        before = everything()
        with transaction(HOUSE) as tx:
            merge_id = merging.merge(tx, Wish(keep_id, lose_id, {})).id
        self.model.merges.append(Done(merge_id, keep_id, lose_id, before))
        self.model.shares[keep_id] |= self.model.shares.pop(lose_id)
        self.model.lost[lose_id] = keep_id
        self.drawn["merge"] += 1

    @precondition(lambda self: self.model.merges)
    @rule()
    def undo(self) -> None:
        done = self.model.merges.pop()
        with transaction(HOUSE) as tx:
            merging.undo(tx, done.id)
        self.model.lost.pop(done.lose_id)
        self.drawn["undo"] += 1
        shared = rows("SELECT s.customer_id, p.code FROM shares s JOIN partners p ON p.id = s.partner_id")
        was = self.model.shares[done.keep_id]
        self.model.shares |= {each: {code for owner, code in shared if owner == each} for each in done.both}
        assert self.model.shares[done.keep_id] | self.model.shares[done.lose_id] == was
        if done.is_last:
            assert everything() == done.before

    @precondition(lambda self: len(self.model.merges) > 1)
    @rule()
    def undo_an_older_one(self) -> None:
        older, last = self.model.merges[-2:]
        if older.keep_id in last.both:
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
            with pytest.raises(RecordMerged) as refused, transaction(HOUSE) as tx:
                customers.change(tx, lost, {"locale": "tr"}, 1)
            assert refused.value.kept == self.model.survivor(lost)


def work_off(case_id: UUID) -> None:
    """Do all of the work on a case, as workers would."""
    while True:
        with transaction(Caller.system("test")) as tx:
            operation = tx.session.get_one(Operation, cases.get(tx, case_id).operation_id)
            status, operation_id = operation.status, operation.id
        if status not in ACTIVE:
            break
        longrunning.work_on(operation_id)
    assert status == "succeeded"
