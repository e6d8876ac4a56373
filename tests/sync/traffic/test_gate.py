"""The gate before a partner: what it lets through, what it holds back, and what every worker hears of."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from types import SimpleNamespace
from typing import Any

import pytest
from werkzeug.wrappers import Response

from connectors.errors import ConnectorError, NotNow
from connectors.http import Exchange, Http, Limits, Site
from gateway.sync.traffic import gate, slots, standing
from gateway.sync.traffic.gate import PartnerGate
from tests.connectors.fake_partner import serve
from tests.sync.conftest import Dealer, rows


class Partner:
    """Counts what it is asked, and how much of it at once."""

    def __init__(self) -> None:
        self.answer: Callable[[], Response] = lambda: Response("{}")
        self.times: list[float] = []
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()

    def __call__(self, environ: Any, start_response: Any) -> Any:
        with self._lock:
            self.times.append(time.monotonic())
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return self.answer()(environ, start_response)
        finally:
            with self._lock:
                self.at_once -= 1


@pytest.fixture
def partner() -> Partner:
    return Partner()


@pytest.fixture
def door(dealer: Dealer, partner: Partner) -> Iterator[Callable[[], Site]]:
    """Makes workers' ways to the partner, each with a gate of its own."""
    gates_open: list[PartnerGate] = []

    def open_door() -> Site:
        made = PartnerGate(dealer.link_id, "Eskişehir Oto DMS")
        gates_open.append(made)
        return Http(Limits(), gate=made).site(url)

    with serve(partner) as url:
        yield open_door
        for made in gates_open:
            made.close()


def slowly(seconds: float, response: Response) -> Callable[[], Response]:
    """An answer that takes its time."""

    def answer() -> Response:
        time.sleep(seconds)
        return response

    return answer


def limit(**columns: int) -> None:
    """Give the link a budget."""
    for name, value in columns.items():
        rows(f"UPDATE sync_links SET {name} = :value RETURNING 1", value=value)  # names are ours


def knock(site: Site, seconds: float) -> None:
    """Ask again and again for so long, as a worker would that is put off."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            site.request("GET", "/x")
        except NotNow as later:
            time.sleep(min(later.retry_after or 0, 0.5))


def refused(site: Site) -> NotNow:
    with pytest.raises(NotNow) as caught:
        site.request("GET", "/x")
    return caught.value


def test_a_budget_holds_across_workers(partner: Partner, door: Callable[[], Site]) -> None:
    limit(requests_per_minute=240)
    began = time.monotonic()
    with ThreadPoolExecutor(3) as workers:
        list(workers.map(lambda site: knock(site, 4.0), [door(), door(), door()]))
    # A burst of a tenth may come at once; after it, not quite 4 a second.
    assert 12 <= len(partner.times) <= 24 + 4 * (time.monotonic() - began)


def test_a_worker_that_would_have_to_wait_long_is_let_go(partner: Partner, door: Callable[[], Site]) -> None:
    limit(requests_per_minute=2)
    one, two = door(), door()
    one.request("GET", "/x")
    later = refused(two)
    assert 5 < (later.retry_after or 0) < 61 and "2 requests a minute" in later.message
    assert len(partner.times) == 1


def test_a_job_of_a_link_with_a_small_budget_may_ask_more_than_once(
    partner: Partner, door: Callable[[], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = "UPDATE sync_traffic SET drawn_at = drawn_at - make_interval(secs => :seconds) RETURNING 1"
    clock = SimpleNamespace(monotonic=time.monotonic, sleep=lambda seconds: rows(passed, seconds=seconds))
    monkeypatch.setattr(gate, "time", clock)
    limit(requests_per_minute=4)
    site = door()
    for _ in range(3):
        site.request("GET", "/x")
    assert len(partner.times) == 3


@pytest.mark.parametrize("told", ["30", "date"])
def test_no_worker_calls_a_partner_that_asked_to_be_left_alone(
    partner: Partner, door: Callable[[], Site], told: str
) -> None:
    moment = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 31))
    partner.answer = lambda: Response("", 429, {"Retry-After": moment if told == "date" else told})
    one, two = door(), door()
    with pytest.raises(ConnectorError):
        one.request("GET", "/x")
    for site in (one, two, door()):
        assert 25 < (refused(site).retry_after or 0) <= 31
    assert len(partner.times) == 1


def test_a_limit_that_is_used_up_is_waited_for_before_it_is_broken(partner: Partner, door: Callable[[], Site]) -> None:
    partner.answer = lambda: Response("{}", headers={"RateLimit": '"default";r=0;t=1'})
    site = door()
    for _ in range(3):
        site.request("GET", "/x")
    first, second, third = partner.times
    assert second - first >= 0.9 and third - second >= 0.9


def test_an_absurd_wish_is_followed_for_an_hour(partner: Partner, door: Callable[[], Site]) -> None:
    partner.answer = lambda: Response("", 503, {"Retry-After": "31536000"})
    site = door()
    with pytest.raises(ConnectorError):
        site.request("GET", "/x")
    assert 3590 < (refused(site).retry_after or 0) <= 3600


def test_a_partner_that_fails_again_and_again_is_left_alone_probed_once_and_trusted_again(
    dealer: Dealer, partner: Partner, door: Callable[[], Site]
) -> None:
    partner.answer = lambda: Response("kapalıyız", 500)
    one, two = door(), door()
    for site in (one, two, one, two, one):
        with pytest.raises(ConnectorError):
            site.request("GET", "/x")
    later = refused(two)
    assert "5 times in a row" in later.message and "500" in later.message and 20 < (later.retry_after or 0) <= 30
    assert (circuit_of(dealer), len(partner.times)) == ("open", 5)
    rows("UPDATE sync_traffic SET open_until = now() RETURNING 1")
    assert circuit_of(dealer) == "probing"
    partner.answer = lambda: Response("{}")
    one.request("GET", "/x")
    assert circuit_of(dealer) == "closed"
    two.request("GET", "/x")
    told = rows("SELECT type, record ->> 'circuit' FROM events WHERE type LIKE 'sync.link.%' ORDER BY position")
    assert told == [("sync.link.circuit_opened", "open"), ("sync.link.circuit_closed", "closed")]


def test_a_probe_is_one_request_whoever_else_asks(partner: Partner, door: Callable[[], Site]) -> None:
    rows(
        "INSERT INTO sync_traffic (link_id, tokens, drawn_at, failures, opened, open_until) "
        "SELECT id, 1, now(), 5, 1, now() FROM sync_links RETURNING 1"
    )
    partner.answer = slowly(0.5, Response("", 500))
    with ThreadPoolExecutor(4) as workers:
        raised = list(workers.map(lambda site: _raised(site), [door() for _ in range(4)]))
    assert len(partner.times) == 1 and sum(isinstance(each, NotNow) for each in raised) == 3


def test_a_partner_that_refuses_is_alive(dealer: Dealer, partner: Partner, door: Callable[[], Site]) -> None:
    partner.answer = lambda: Response("", 404)
    site = door()
    for _ in range(6):
        with pytest.raises(ConnectorError):
            site.request("GET", "/x")
    assert circuit_of(dealer) == "closed"


def test_no_more_requests_are_under_way_at_once_than_the_link_may_have(
    partner: Partner, door: Callable[[], Site]
) -> None:
    limit(most_concurrent=2)
    partner.answer = slowly(0.1, Response("{}"))
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda site: _raised(site), [door() for _ in range(3)] * 2))
    assert partner.most_at_once == 2


def test_slots_of_a_worker_that_died_come_back(
    partner: Partner, door: Callable[[], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "MOST_PATIENCE", 0.5)
    limit(most_concurrent=1)
    door().request("GET", "/x")
    assert "at once" in refused(door()).message
    rows("UPDATE sync_calls SET held_until = now() RETURNING 1")
    door().request("GET", "/x")


def test_slot_is_kept_as_long_as_its_worker_lives_however_slow_the_partner_is(
    partner: Partner, door: Callable[[], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "MOST_PATIENCE", 0.3)
    monkeypatch.setattr(gate, "_SLOT_RENEWAL", 0.1)
    monkeypatch.setattr(slots, "HELD_SECONDS", 2)
    limit(most_concurrent=1)
    let_go = threading.Event()
    partner.answer = lambda: Response("{}" if let_go.wait(20) else "geç")
    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(_raised, door())
        time.sleep(2.4)
        assert "at once" in refused(door()).message
        let_go.set()
    assert call.result() is None


def test_a_gate_that_is_closed_gives_its_slots_back(dealer: Dealer, partner: Partner) -> None:
    limit(most_concurrent=1)
    with serve(partner) as url:
        for _ in range(3):
            with closing(PartnerGate(dealer.link_id, "DMS")) as made:
                Http(gate=made).site(url).request("GET", "/x")
    assert len(partner.times) == 3


def test_few_requests_pay_for_the_budget(dealer: Dealer, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(requests_per_minute=120_000)
    asked: list[Any] = []
    monkeypatch.setattr(standing, "ask", _counting(standing.ask, asked))
    with closing(PartnerGate(dealer.link_id, "DMS")) as made:
        for _ in range(400):
            made.enter()
            made.leave(Exchange("GET", "/x", 200, None, 0.001, 0, 2))
    assert len(asked) <= 10


def _counting(function: Callable[..., Any], calls: list[Any]) -> Callable[..., Any]:
    def counted(*args: Any) -> Any:
        calls.append(args)
        return function(*args)

    return counted


def _raised(site: Site) -> ConnectorError | None:
    try:
        site.request("GET", "/x")
    except ConnectorError as error:
        return error
    return None


def circuit_of(dealer: Dealer) -> str:
    """The link's circuit as an operator sees it."""
    return dealer.link().circuit
