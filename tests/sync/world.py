"""A hub and two partners as they really are: edited by everybody at any time, over a network that fails."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from werkzeug.wrappers import Request, Response

from gateway.channels import Caller, Channel
from gateway.customers import bulk
from gateway.customers import service as customers
from gateway.db import transaction
from gateway.errors import PreconditionFailed
from gateway.partners import service as partners
from gateway.sync import jobs, runs, service
from gateway.sync.merging import rulebook
from gateway.sync.merging import service as conflicts
from gateway.sync.models import SyncRun
from gateway.sync.work import Work
from tests.connectors.fake_partner import API_KEY, FakePartner, Json, serve
from tests.emptying import empty_tables
from tests.sync.conftest import Moody, make_due, rows
from tests.sync.edits import marks_of

SYSTEM = Caller.system("test")
EMPLOYEE = Caller(Channel.INTRANET, client_id="portal")
_MOST_JOBS = 12
_SHARED = "SELECT 1 FROM shares s JOIN partners p ON p.id = s.partner_id WHERE s.customer_id = :id AND p.code = :code"
_FREE = "UPDATE sync_runs SET leased_until = NULL WHERE id = :id RETURNING 1"
_HERE = """
    SELECT c.id, i ->> 'value' FROM customers c, json_array_elements(c.identifiers) i WHERE i ->> 'system' = 'test'
"""
_SHARES = "SELECT c.customer_id, p.code FROM shares c JOIN partners p ON p.id = c.partner_id"
_REFERENCES = "SELECT record_id, external_id, deleted_at IS NOT NULL FROM sync_references WHERE link_id = :link"


class Killed(BaseException):
    """The worker is gone, without a word."""


class Doubling(FakePartner):
    """A partner that would store a record twice if it were sent twice; its clock may be wrong."""

    skew = dt.timedelta()

    def set_clock(self, seconds: int) -> None:
        """Be so many seconds off from now on, even where that sets the clock back."""
        self.skew = dt.timedelta(seconds=seconds)
        self.clock = dt.datetime.now(dt.UTC) + self.skew

    def _create(self, request: Request, stream: str) -> Response:
        stored = self._store(stream, request.get_json(), self._tick())
        return Response(json.dumps(stored), 201, content_type="application/json")

    def _tick(self) -> str:
        self.clock = max(self.clock + dt.timedelta(milliseconds=1), dt.datetime.now(dt.UTC) + self.skew)
        return self._told(self.clock)


class Partner:
    """One partner's system and the link to it; writes down whatever it is sent that it may not see."""

    def __init__(self, code: str, granted: frozenset[str], moody: Moody, url: str, overlap: int) -> None:
        self.code, self.granted, self.moody = code, granted, moody
        self.writes, self.leaks = 0, []  # type: int, list[str]
        self.requests = 0
        self.meanwhile: dict[int, Callable[[], object]] = {}
        self.spoil: Callable[[Request, Response, int], Response] = lambda request, response, number: response
        moody.before, moody.after = self._watch, self._spoil
        settings = {"base_url": url, "api_key": API_KEY, "incremental": {"overlap_seconds": overlap}}
        with transaction(SYSTEM) as tx:
            partner_id = rows("SELECT id FROM partners WHERE code = :code", code=code)[0][0]
            self.link_id = service.add_link(
                tx, name=f"{code} DMS", partner_id=partner_id, connector="rest", settings=settings
            ).id

    @property
    def system(self) -> Doubling:
        assert isinstance(self.moody.system, Doubling)
        return self.moody.system

    def find(self, serial: str) -> Json | None:
        """Its record with a test's mark; raises where it has two."""
        found = [each for each in self.system.records("customers") if serial in marks_of(each)]
        assert len(found) < 2, f"{self.code} has {serial} twice: {found}"
        return found[0] if found else None

    def _watch(self, request: Request) -> Response | None:
        number, self.requests = self.requests, self.requests + 1
        self.meanwhile.pop(number, lambda: None)()
        if request.method in ("POST", "PATCH") and request.path.startswith("/customers"):
            self.writes += 1
            body = request.get_json()
            hidden = {"birth_date", "tax_id"} - self.granted | {"owner", "internal_note"}
            if hidden & body.keys() or not rows(_SHARED, id=body["reference"], code=self.code):
                self.leaks.append(f"{request.method} {request.path} {body}")
        return None

    def _spoil(self, request: Request, response: Response) -> Response:
        return self.spoil(request, response, self.requests)


class World:
    """The hub and its partners, and what somebody may do at any of them."""

    def __init__(self, partners: list[Partner]) -> None:
        self.partners = {each.code: each for each in partners}

    # --- the hub

    def here(self, serial: str) -> Json | None:
        """The hub's record with this mark; raises where it has two."""
        found = [record_id for record_id, mark in rows(_HERE) if mark == serial]
        assert len(found) < 2, f"the hub has {serial} twice"
        with transaction(EMPLOYEE) as tx:
            return bulk.fetch(tx, found, lock=False)[found[0]] if found else None

    def mark_of(self, record_id: UUID) -> str:
        """The mark of a record of the hub."""
        return next(str(mark) for each, mark in rows(_HERE) if each == record_id)

    def create_here(self, record: Json, codes: list[str]) -> None:
        """A customer of the hub, shared with some."""
        with transaction(EMPLOYEE) as tx:
            made = customers.create(tx, record)
            for code in codes:
                customers.share(tx, made["id"], code, "sale")

    def change_here(self, serial: str, patch: Callable[[Json], Json]) -> None:
        """Somebody inside edits a customer, as often as it takes."""
        for _ in range(5):
            before = self.here(serial)
            assert before is not None
            try:
                with transaction(EMPLOYEE) as tx:
                    customers.change(tx, before["id"], patch(before), before["version"])
                return
            except PreconditionFailed:
                continue
        raise AssertionError("an employee was too slow five times")

    def share(self, serial: str, code: str, *, ends: bool = False) -> None:
        """Let a partner see a customer, or no longer."""
        record = self.here(serial)
        assert record is not None
        with transaction(EMPLOYEE) as tx:
            customers.unshare(tx, record["id"], code) if ends else customers.share(tx, record["id"], code, "sale")

    def shared(self) -> set[tuple[UUID, str]]:
        """Who sees what."""
        return {(record_id, code) for record_id, code in rows(_SHARES)}

    def settle_conflicts(self, choose: str) -> int:
        """A steward's work; how many there were."""
        with transaction(EMPLOYEE) as tx:
            found = conflicts.list_conflicts(tx, {"status": "open"})
            for each in found:
                conflicts.settle(tx, each.id, choose)
        return len(found)

    # --- runs

    def begin(self, partner: Partner) -> UUID:
        """The link's active run, as the sweeper would find it, or a new one."""
        with transaction(SYSTEM) as tx:
            active = runs.active_run(tx, partner.link_id)
            run_id = active.id if active else service.start_run(tx, partner.link_id).id
        rows(_FREE, id=run_id)
        make_due(run_id)
        return run_id

    def work(self, partner: Partner) -> None:
        """One job of a worker, whatever comes of it."""
        jobs.run(str(self.begin(partner)))

    def finish(self, partner: Partner) -> SyncRun:
        """Jobs until the link's run has ended well."""
        run_id = self.begin(partner)
        for _ in range(_MOST_JOBS):
            jobs.run(str(run_id))
            with transaction(SYSTEM) as tx:
                run = service.get_run(tx, run_id)
            if run.finished_at is not None:
                break
            make_due(run_id)
        assert run.status == "succeeded", f"{partner.code}: {run.status}, {run.error}"
        return run

    def state(self) -> tuple[Any, ...]:
        """Everything that a further round might write, on any side."""
        written = rows("SELECT xmin::text, id, version FROM customers ORDER BY id")
        there = [(each.writes, json.dumps(each.system.tables, sort_keys=True)) for each in self.partners.values()]
        return written, rows("SELECT count(*) FROM events"), rows("SELECT id FROM sync_operations ORDER BY 1"), there


@contextmanager
def killed(place: int, *, midway: bool) -> Iterator[None]:
    """A worker that dies at its page of this number: in the middle of it, or right after its commit."""
    whole, lock, count = Work.page, threading.Lock(), iter(range(100_000))

    @contextmanager
    def page(work: Work, *args: Any, **options: Any) -> Iterator[Any]:
        with lock:
            is_last = next(count) == place
        with whole(work, *args, **options) as opened:
            yield opened
            if is_last and midway:
                raise Killed
        if is_last:
            raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Work, "page", page)
        yield


@contextmanager
def dying(place: int, *, midway: bool) -> Iterator[None]:
    """The same, if it comes so far, and nobody notices."""
    with suppress(Killed), killed(place, midway=midway):
        yield


@dataclass(frozen=True)
class Ways:
    """How a world is made: the rule of its plain fields, how wrong each clock is, and whether times lack fractions.

    Where clocks may jump, every round looks back over an hour.
    """

    rule: str
    skews: Mapping[str, int]
    is_cut: bool
    jumps: bool


@contextmanager
def opened(database_url: str, granted: Mapping[str, frozenset[str]], ways: Ways) -> Iterator[World]:
    """An empty world of the partners with these agreements."""
    empty_tables(database_url)
    with transaction(SYSTEM) as tx:
        for code, fields in granted.items():
            partners.add(tx, code, code.title(), fields)
    with transaction(EMPLOYEE) as tx:
        for field in ("given_name", "family_name", "birth_date", "attributes") if ways.rule == "newest" else ():
            rulebook.set_rule(tx, "customers", field, "newest", [])
    with ExitStack() as stack:
        yield World([_join(stack, code, fields, ways) for code, fields in granted.items()])


def _join(stack: ExitStack, code: str, granted: frozenset[str], ways: Ways) -> Partner:
    system = Doubling()
    system.set_clock(ways.skews[code])
    if ways.is_cut:
        system.cut_times()
    moody = Moody(system)
    return Partner(code, granted, moody, stack.enter_context(serve(moody)), overlap=3600 if ways.jumps else 0)


def rewind(partner: Partner) -> None:
    """An old cursor, as after a restore: pages that were read come again."""
    rows("DELETE FROM sync_cursors WHERE link_id = :link RETURNING 1", link=partner.link_id)


def references(partner: Partner) -> dict[str, tuple[UUID, bool]]:
    """What the hub believes of the partner: our record, and whether it is gone there, by external id."""
    found = rows(_REFERENCES, link=partner.link_id)
    return {external_id: (record_id, is_gone) for record_id, external_id, is_gone in found}
