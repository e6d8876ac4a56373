"""Two partners and the hub under whatever happens to them: in the end all say the same, and nothing is lost."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from werkzeug.wrappers import Request, Response

from tests.connectors.fake_partner import Json
from tests.sync.edits import a_record, edited, marks_of, shown, value_of, written
from tests.sync.world import Partner, Ways, dying, opened, references, rewind

DEEP = int(os.environ.get("KOPRU_TEST_STORIES", 0))  # so many stories of chance instead of the few that are always told
EXAMPLES, STEPS = (DEEP, 16) if DEEP else (10, 9)
REST_AFTER, QUIET_ROUNDS = 3, 3
GRANTED = {"eskisehir": frozenset({"birth_date"}), "ankara": frozenset[str]()}
CODES = tuple(GRANTED)
CLOCKS = (0, -600, 600)  # seconds by which a partner's clock is wrong
FIELDS = ("given_name", "family_name", "birth_date", "colour", "phone", "no phone")
DEEDS = (
    *("edit_there", "edit_here") * 4,
    *("create_there", "create_here") * 2,
    "share", "delete_there", "restore_there", "read_again", "set_clock",
)  # fmt: skip
TROUBLES = ("none", *("die in mid-page", "die after a page", "lose an answer") * 2, "disorder", "an edit meanwhile")

Deed = tuple[str, str, int, str]
codes, numbers = st.sampled_from(CODES), st.integers(0, 1000)
deeds = st.tuples(st.sampled_from(DEEDS), codes, numbers, st.sampled_from(FIELDS))


class Sides(RuleBasedStateMachine):
    """What anybody may do at any time; `database_url` is told by the test that runs the machine."""

    database_url = ""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.serials: list[str] = []
        self.number = self.steps = 0
        self.said: dict[tuple[str, str], dict[str, Any]] = {}
        self.agreed: dict[tuple[str, str], Any] = {}

    @initialize(
        rule_name=st.sampled_from(["manual", "newest"]),
        skews=st.tuples(st.sampled_from(CLOCKS), st.sampled_from(CLOCKS)),
        is_cut=st.booleans(),
        jumps=st.booleans(),
    )
    def begin(self, rule_name: str, skews: tuple[int, int], is_cut: bool, jumps: bool) -> None:
        """Everybody has some customers and knows the others'; where a clock jumps, the overlap covers it."""
        self.is_newest, self.jumps = rule_name == "newest", jumps
        self.is_exact = not is_cut and not jumps and not any(skews)
        ways = Ways(rule_name, dict(zip(CODES, skews, strict=True)), is_cut, jumps)
        self.world = self.stack.enter_context(opened(self.database_url, GRANTED, ways))
        for code in CODES:
            self.create_there(code, 4, "")
        for _ in range(3):
            self.create_here(CODES[0], 3, "")
        self._rounds(2)
        for serial in self.serials:
            for code in CODES:
                self.world.share(serial, code)
        self._rounds(1)

    @rule(before=st.lists(deeds, min_size=1, max_size=5), code=codes, trouble=st.sampled_from(TROUBLES),
          at=st.integers(0, 6), meanwhile=deeds)  # fmt: skip
    def work(self, before: list[Deed], code: str, trouble: str, at: int, meanwhile: Deed) -> None:
        """People do this and that, then a worker goes over one of the links and meets trouble."""
        self.steps += 1
        for deed in before:
            self.do(deed)
        partner = self.world.partners[code]
        if trouble == "an edit meanwhile":
            partner.meanwhile[partner.requests + at] = lambda: self.do(meanwhile)
        with troubled(partner, trouble, at):
            self.world.work(partner)
        partner.meanwhile.clear()

    def do(self, deed: Deed) -> None:
        """One thing that somebody does."""
        name, code, which, field = deed
        getattr(self, name)(code, which, field)

    # --- what people do

    def create_there(self, code: str, which: int, field: str) -> None:
        """Customers at a partner, entered at the same moment."""
        self.world.partners[code].system.add("customers", [a_record(self._serial()) for _ in range(1 + which % 4)])

    def create_here(self, code: str, which: int, field: str) -> None:
        """A customer in the hub, shared with nobody, one partner, or both."""
        record = a_record(self._serial()) | {"internal_note": "Gizli", "owner": "ayse"}
        self.world.create_here(record, [[], [code], list(CODES), list(CODES)][which % 4])

    def edit_there(self, code: str, which: int, field: str) -> None:
        """Somebody at a partner changes a customer."""
        record = self._there(code, which)
        if record is not None:
            value = self._value()
            patch = edited(record, field, value, of_hub=False)
            self.world.partners[code].system.change("customers", record["external_id"], patch)
            self._note(marks_of(record)[0], field, code, value)

    def edit_here(self, code: str, which: int, field: str) -> None:
        """Somebody in the hub changes a customer."""
        serial, value = self._pick(which), self._value()
        if self.world.here(serial) is not None:
            self.world.change_here(serial, lambda before: edited(before, field, value, of_hub=True))
            self._note(serial, field, "hub", value)

    def share(self, code: str, which: int, field: str) -> None:
        """Somebody shares a customer with a partner, or ends that."""
        serial = self._pick(which)
        record = self.world.here(serial)
        if record is not None:
            self.world.share(serial, code, ends=(record["id"], code) in self.world.shared())
            self._doubt(serial)

    def delete_there(self, code: str, which: int, field: str) -> None:
        """A partner deletes a customer."""
        record = self._there(code, which)
        if record is not None:
            self.world.partners[code].system.remove("customers", record["external_id"])
            self._doubt(marks_of(record)[0])

    def restore_there(self, code: str, which: int, field: str) -> None:
        """A partner finds a customer again that it had deleted, as it was in the beginning."""
        partner = self.world.partners[code]
        known, table = references(partner), partner.system.tables["customers"]
        gone = sorted(name for name, each in table.items() if "deleted_at" in each and name in known)
        if gone:
            external_id = gone[which % len(gone)]
            record_id, _ = known[external_id]
            serial = self.world.mark_of(record_id)
            partner.system.restore("customers", external_id, a_record(serial) | {"reference": str(record_id)})
            self._doubt(serial)
            for field in ("given_name", "family_name", "colour"):  # its old values are its word again
                self.said[serial, field][f"{code} again"] = value_of(a_record(serial), field)

    def read_again(self, code: str, which: int, field: str) -> None:
        """Old pages come again."""
        rewind(self.world.partners[code])

    def set_clock(self, code: str, which: int, field: str) -> None:
        """A partner's clock jumps, even back."""
        if self.jumps:
            self.world.partners[code].system.set_clock(CLOCKS[which % len(CLOCKS)])

    # --- what must hold

    @precondition(lambda self: self.steps >= REST_AFTER)
    @rule(choose=st.sampled_from(["ours", "theirs"]))
    def come_to_rest(self, choose: str) -> None:
        """A few undisturbed rounds: all sides say the same, and further rounds write nothing anywhere."""
        self.steps = 0
        self._rounds(QUIET_ROUNDS)
        if self.world.settle_conflicts(choose):
            self._rounds(QUIET_ROUNDS)
        before = self.world.state()
        self._rounds(1)
        assert self.world.state() == before, "a round without any news wrote something"
        self._compare()

    def teardown(self) -> None:
        """Every story ends at rest."""
        try:
            if hasattr(self, "world"):
                self.come_to_rest("ours")
        finally:
            self.stack.close()

    def _rounds(self, count: int) -> None:
        for _ in range(count):
            for partner in self.world.partners.values():
                self.world.finish(partner)

    def _compare(self) -> None:
        for partner in self.world.partners.values():
            assert partner.leaks == [], "a partner was sent what it may not see"
        shared = self.world.shared()
        for serial in self.serials:
            record = self.world.here(serial)
            living = {code: found for code in CODES if (found := self.world.partners[code].find(serial))}
            assert record is not None or not living, f"{serial} is lost in the hub"
            if record is not None:
                self._compare_one(serial, record, living, {code for each, code in shared if each == record["id"]})
        self.said.clear()

    def _compare_one(self, serial: str, record: Json, living: dict[str, Json], shared: set[str]) -> None:
        for code in shared:
            gone = {record_id for record_id, is_gone in references(self.world.partners[code]).values() if is_gone}
            assert code in living or record["id"] in gone, f"{serial} did not come to {code}"
        for code in shared & living.keys():
            assert shown(living[code], GRANTED[code]) == shown(record, GRANTED[code]), f"{serial} differs at {code}"
        for field in ("given_name", "family_name", "colour"):
            self._check_nothing_lost((serial, field), value_of(record, field))

    def _check_nothing_lost(self, place: tuple[str, str], value: Any) -> None:
        said = self.said.get(place, {})
        allowed = {each for who, each in said.items() if who != "?"}
        if not said or "?" in said:
            allowed.add(self.agreed.get(place, value))
        assert value in allowed, f"{place} is {value}, of {said}, and was {self.agreed.get(place)}"
        self.agreed[place] = value

    # --- small things

    def _serial(self) -> str:
        self.number += 1
        self.serials.append(f"K-{self.number}")
        return self.serials[-1]

    def _value(self) -> int:
        self.number += 1
        return self.number

    def _pick(self, which: int) -> str:
        return self.serials[which % len(self.serials)]

    def _there(self, code: str, which: int) -> Json | None:
        found = [each for each in self.world.partners[code].system.records("customers") if marks_of(each)]
        return found[which % len(found)] if found else None

    def _note(self, serial: str, field: str, who: str, value: int) -> None:
        """Remember who said what last; a word that a wrong clock may make the older one need not hold."""
        said = self.said.setdefault((serial, field), {})
        said[who] = None if field.startswith(("no", "phone")) else written(field, value)
        record = self.world.here(serial)
        is_heard = who == "hub" or (record is not None and (record["id"], who) in self.world.shared())
        if not is_heard or (self.is_newest and not self.is_exact):
            said["?"] = None

    def _doubt(self, serial: str) -> None:
        """What was said and not heard yet may be lost with the share."""
        for field in ("given_name", "family_name", "colour"):
            self.said.setdefault((serial, field), {})["?"] = None


@contextmanager
def troubled(partner: Partner, trouble: str, at: int) -> Iterator[None]:
    """A worker, or the network, that fails at a page or a request of this number."""
    calm, first = partner.spoil, partner.requests + at

    def lose(request: Request, response: Response, number: int) -> Response:
        return Response("Bad gateway", 502) if number > first else response

    partner.spoil = {"lose an answer": lose, "disorder": disorder}.get(trouble, calm)
    with dying(at, midway="mid" in trouble) if trouble.startswith("die") else nullcontext():
        yield
    partner.spoil = calm


def disorder(request: Request, response: Response, number: int) -> Response:
    """Every record of a page twice, the last one first."""
    shown = response.get_json(silent=True)
    if request.method == "GET" and isinstance(shown, dict) and "items" in shown:
        response.set_data(json.dumps(shown | {"items": shown["items"][::-1] * 2}))
    return response


def test_everything_converges_whatever_happens(app: Flask, environment: dict[str, str]) -> None:
    Sides.database_url = environment["DATABASE_URL"]
    # Which stories are told depends on the constants in whatever is imported: one that fails among all tests is told
    # again by `pytest tests -k converges_whatever`. Making a failed story shorter takes longer than reading it.
    told = settings(max_examples=EXAMPLES, stateful_step_count=STEPS, phases=[Phase.generate], derandomize=not DEEP)
    chosen = settings(told, deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=True)
    run_state_machine_as_test(Sides, settings=chosen)
