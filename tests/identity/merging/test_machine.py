"""Merged, shared, claimed, synchronised, erased in any order: nothing is lost, and nobody sees what is not theirs."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings as bounds
from hypothesis import strategies as st
from hypothesis.reporting import report
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from gateway.config import Settings
from tests.connectors.fake_partner import Json
from tests.identity.merging.machine import CODES, Merging
from tests.identity.merging.model import Model, Name
from tests.sync.conftest import rows
from tests.sync.world import Partner, Ways, opened, rewind

DEEP = int(os.environ.get("KOPRU_TEST_STORIES", 0))  # so many stories of chance instead of the few that are always told
STORIES, STEPS = (DEEP, 30) if DEEP else (12, 18)
HELD = ("merge", "undo", "share", "unshare", "claim", "sync", "erase")
CALM = Ways("manual", dict.fromkeys(CODES, 0), is_cut=False, jumps=False)
_REFERENCES = "SELECT external_id, record_id FROM sync_references WHERE link_id = :link AND stream = :stream"
_NAMES = """
    SELECT p.code, r.external_id, coalesce(r.alias_of, r.record_id) FROM sync_references r
    JOIN sync_links l ON l.id = r.link_id JOIN partners p ON p.id = l.partner_id
    WHERE r.stream = 'customers' AND r.deleted_at IS NULL
"""
_CLASH = "SELECT FROM sync_conflicts WHERE record_id = :id AND field = :field AND status = 'open'"

deeds = st.tuples(
    st.sampled_from(["edit_there", "tell_there", "edit_there", "tell_there", "delete_there", "enter_there"]),
    st.sampled_from(CODES),
    st.integers(0, 7),
)


class Syncing(Merging):
    """The same, where both partners have systems of their own, and people there who work on them."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()

    @initialize()
    def begin(self) -> None:
        """Each partner has entered somebody by hand, and somebody in its own system; two of them are one."""
        self.model = Model()
        self.said: dict[Name, int] = {}
        self.unheard: list[Name] = []
        self.world = self.stack.enter_context(opened(self.url, dict.fromkeys(CODES, frozenset[str]()), CALM))
        self.partners = dict(rows("SELECT code, id FROM partners"))
        for code in CODES:
            self.create(code)
            self.system(code).page_size = 50
            self.enter_there(code, 0)
            self.sync(code, [("tell_there", code, 0)], is_again=False)
        self.merge(1, 0)
        self.sync(CODES[0], [("edit_there", CODES[0], 0), ("tell_there", CODES[0], 0)], is_again=False)

    def teardown(self) -> None:
        self.stack.close()

    def system(self, code: str) -> Any:
        """A partner's own system."""
        return self.world.partners[code].system

    # --- what people do in a partner's system

    def enter_there(self, code: str, number: int) -> None:
        """A person whom nobody else knows."""
        points = [{"kind": "email", "value": f"çiğdem{next(self.serial)}@example.com"}]
        self.system(code).add("customers", [{"kind": "person", "given_name": "Çiğdem", "contact_points": points}])

    def edit_there(self, code: str, number: int) -> None:
        """What is edited under one name is edited under no other: the two sides never contradict each other there."""
        if record := self.there(code, number):
            name, value = (code, record["external_id"]), next(self.serial)
            attributes = (record.get("attributes") or {}) | {mark(name): value}
            self.system(code).change("customers", name[1], {"attributes": attributes})
            self.said[name] = value

    def tell_there(self, code: str, number: int) -> None:
        """An interaction."""
        if record := self.there(code, number):
            told = {"channel": "store", "kind": "inquiry", "direction": "in", "subject": "Sedan soruyor"}
            about = {"customer_external_id": record["external_id"]}
            self.unheard += [(code, each) for each in self.system(code).add("interactions", [told | about])]

    def delete_there(self, code: str, number: int) -> None:
        """A record goes, and nothing of it stays."""
        if record := self.there(code, number):
            self.system(code).remove("customers", record["external_id"])

    def there(self, code: str, number: int) -> Json | None:
        """One of a partner's records, erased people's among them; those of merged people come first."""
        found: list[Json] = self.system(code).records("customers")
        found.sort(key=lambda each: self.model.names.get((code, each["external_id"])) not in self.model.lost)
        return found[number % len(found)] if found else None

    # --- what a run makes of it

    @rule(code=st.sampled_from(CODES), done=st.lists(deeds, min_size=1, max_size=4), is_again=st.booleans())
    def sync(self, code: str, done: list[tuple[str, str, int]], is_again: bool) -> None:
        """People do this and that, then a run pulls from one partner, perhaps all from the beginning, and pushes."""
        self.model.touched()
        for name, whose, number in done:
            getattr(self, name)(whose, number)
        partner = self.world.partners[code]
        if is_again:
            rewind(partner)
        run = self.world.finish(partner)
        self.drawn["sync"] += 1
        self.drawn["pushed"] += run.streams.get("customers", {}).get("pushed", 0)
        assert partner.leaks == [], "a partner was sent what it may not see"
        self.hear_names(partner)
        self.hear_interactions(partner)
        self.hear_edits(partner)

    def hear_names(self, partner: Partner) -> None:
        """Whoever is new there was born here or sent there by us; erased people are nobody's."""
        here = dict(rows(_REFERENCES, link=partner.link_id, stream="customers"))
        gone = set()
        for external_id, record in partner.system.tables["customers"].items():
            name = (partner.code, external_id)
            if "deleted_at" in record:
                gone |= {name} & self.model.names.keys()
            elif name in self.model.forgotten:
                assert external_id not in here, "an erased person's name is known"
                self.drawn["erased read"] += 1
            elif name not in self.model.names:
                self.model.names[name] = UUID(record["reference"]) if "reference" in record else here[external_id]
                self.model.shares.setdefault(self.model.survivor(self.model.names[name]), {partner.code})
                self.drawn["sent" if "reference" in record else "born"] += 1
        self.model.removed(gone)
        self.drawn["deleted there"] += len(gone)

    def hear_interactions(self, partner: Partner) -> None:
        """What was told of people the partner has, and who were not erased, is told of whom that name means."""
        here = dict(rows(_REFERENCES, link=partner.link_id, stream="interactions"))
        for name in [each for each in self.unheard if each[0] == partner.code]:
            self.unheard.remove(name)
            about = partner.system.tables["interactions"][name[1]]["customer_external_id"]
            meant = self.model.names.get((partner.code, about))
            assert (meant is None) == (name[1] not in here)
            if meant is not None:
                self.model.recorded.add(here[name[1]])
                self.model.told[here[name[1]]] = meant
                self.drawn["told there"] += 1

    def hear_edits(self, partner: Partner) -> None:
        """What its people wrote stands at whom that name means, if that is shared with the partner."""
        for name in [each for each in self.said if each[0] == partner.code]:
            value, owner = self.said.pop(name), self.model.survivor(self.model.names.get(name, UUID(int=0)))
            if partner.code in self.model.shares.get(owner, ()):
                [(attributes,)] = rows("SELECT attributes FROM customers WHERE id = :id", id=owner)
                is_settled = not rows(_CLASH, id=owner, field=f"attributes/{mark(name)}")
                assert attributes.get(mark(name)) == value or not is_settled
                self.drawn["edited there"] += 1
                self.drawn["edited a survivor"] += owner != self.model.names[name]

    @invariant()
    def every_name_means_the_living_customer(self) -> None:
        meant = {(code, external_id): owner for code, external_id, owner in rows(_NAMES)}
        assert meant == {name: self.model.survivor(each) for name, each in self.model.names.items()}

    @invariant()
    def what_was_told_under_a_name_is_of_whom_it_means(self) -> None:
        found = dict(rows("SELECT id, customer_id FROM interactions WHERE id = ANY(:ids)", ids=list(self.model.told)))
        assert found == {each: self.model.survivor(meant) for each, meant in self.model.told.items()}


def mark(name: Name) -> str:
    """The attribute that a partner's people edit under one name alone."""
    return f"renk_{'_'.join(name)}"


@pytest.mark.usefixtures("erasure_log")
def test_no_order_of_events_loses_anything(app: object, settings: Settings) -> None:
    drawn: Counter[str] = Counter()
    parts = {"url": settings.database_url, "drawn": drawn}
    machine: type[RuleBasedStateMachine] = type("Machine", (Syncing,), parts)
    chosen = bounds(max_examples=STORIES, stateful_step_count=STEPS, derandomize=not DEEP, print_blob=True)
    run_state_machine_as_test(machine, settings=chosen)
    report(f"drawn: {dict(drawn)}")
    assert min(drawn[each] for each in (*HELD, "edited a survivor", "erased read")) > 0
