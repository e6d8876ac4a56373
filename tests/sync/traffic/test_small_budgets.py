"""A link with the smallest of budgets, whose partner wants a sign-in for each job, gets through its runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import SimpleNamespace
from uuid import UUID

import pytest
from werkzeug.wrappers import Request

from connectors.errors import NotNow
from connectors.http import Exchange
from gateway.customers import service as customers
from gateway.db import now, transaction
from gateway.sync import jobs, service, work
from gateway.sync.traffic import gate
from tests.connectors.fake_partner import CLIENT_SECRET, TokenPartner, serve
from tests.sync.conftest import SYSTEM, Dealer, Moody, rows, run_of
from tests.sync.test_moving import made_here

ANSWERED = Exchange("GET", "/customers", 200, None, 0.1, 0, 2)
_PASSED = "UPDATE sync_traffic SET drawn_at = drawn_at - make_interval(secs => :seconds) RETURNING 1"


class Clock:
    """Time that passes as soon as somebody waits for it, in this process and in the budget."""

    def __init__(self) -> None:
        self.skipped = self.at_job = 0.0
        self.asked: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.skipped += seconds
        rows(_PASSED, seconds=seconds)

    def monotonic(self) -> float:
        """The time as jobs read it, from the same beginning for each of them."""
        return time.monotonic() + self.skipped - self.at_job

    def note(self, request: Request) -> None:
        self.asked.append(time.monotonic() + self.skipped)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    told = SimpleNamespace(monotonic=made.monotonic, sleep=made.sleep)
    for module in (gate, work):
        monkeypatch.setattr(module, "time", told)
    monkeypatch.setattr(gate, "_LOOK_SECONDS", 100.0)
    return made


@pytest.fixture
def poor(dealer: Dealer, clock: Clock) -> Iterator[Dealer]:
    """Eskişehir, behind OAuth."""
    moody = Moody(TokenPartner())
    moody.before = clock.note
    with serve(moody) as url:
        oauth = {"token_url": f"{url}/token", "client_id": "kopru", "client_secret": CLIENT_SECRET}
        settings = {"base_url": url, "auth": "oauth", "oauth": oauth, "streams": {"customers": {"path": "/customers"}}}
        with transaction(SYSTEM) as tx:
            service.change_settings(tx, service.get_link(tx, dealer.link_id), settings)
        yield Dealer(moody, dealer.link_id)


def work_off(run_id: UUID, clock: Clock, most_jobs: int) -> list[float]:
    """Jobs until the run is over, each begun when it is due; how long each of them stayed."""
    stayed: list[float] = []
    while run_of(run_id).status in ("queued", "running") and len(stayed) < most_jobs:
        clock.sleep(max((run_of(run_id).due_at - now()).total_seconds(), 0.0))
        rows("UPDATE sync_runs SET due_at = now() RETURNING 1")
        clock.at_job = clock.skipped
        jobs.run(str(run_id))
        stayed.append(clock.skipped - clock.at_job)
    return stayed


@pytest.mark.parametrize("per_minute", [1, 2, 3])
def test_even_one_request_a_minute_gets_through_a_run(poor: Dealer, clock: Clock, per_minute: int) -> None:
    rows("UPDATE sync_links SET requests_per_minute = :each RETURNING 1", each=per_minute)
    for number in range(4):
        poor.add_customer(f"Kişi {number}")
    with transaction(SYSTEM) as tx:
        customers.share(tx, made_here(family_name="Işık"), "eskisehir", "sale")
    run_id = poor.ask()
    stayed = work_off(run_id, clock, most_jobs=12)
    assert (run_of(run_id).status, run_of(run_id).tries) == ("succeeded", 0)
    assert len(poor.system.records("customers")) == 5 and max(stayed) < gate.MOST_LINGERED
    busiest = zip(clock.asked, clock.asked[per_minute:], strict=False)
    assert all(later - earlier >= 60.0 for earlier, later in busiest), "no minute sees more than the budget"


def test_who_has_asked_nothing_yet_makes_room_instead_of_waiting(poor: Dealer, clock: Clock) -> None:
    rows("UPDATE sync_links SET requests_per_minute = 1 RETURNING 1")
    made = gate.PartnerGate(poor.link_id, "Eskişehir Oto DMS")
    made.enter()
    before = clock.skipped
    with pytest.raises(NotNow):
        gate.PartnerGate(poor.link_id, "Eskişehir Oto DMS").enter()
    assert clock.skipped == before
    made.close()


def test_a_job_lingers_for_ten_minutes_and_no_longer(poor: Dealer, clock: Clock) -> None:
    rows("UPDATE sync_links SET requests_per_minute = 1 RETURNING 1")
    made = gate.PartnerGate(poor.link_id, "Eskişehir Oto DMS")
    with pytest.raises(NotNow):
        for _ in range(20):
            made.enter()
            made.leave(ANSWERED)
    assert gate.MOST_LINGERED <= clock.skipped < gate.MOST_LINGERED + 70
    made.close()
