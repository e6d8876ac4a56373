"""Broken networks between us and a partner: an end in time, the same reference again, and nothing twice."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pytest

from connectors.http import Http, Limits
from gateway import guarded_adapter
from gateway.customers import service as customers
from gateway.db import transaction
from gateway.sync import jobs
from gateway.sync.models import SyncRun
from tests.conftest import Cast
from tests.connectors.fake_partner import serve
from tests.faults import proxy as network
from tests.faults.proxy import Proxy, Weather, proxied
from tests.sync.conftest import SYSTEM, Dealer, Moody, add_link, make_due, rows, run_of
from tests.sync.world import Doubling

TOTAL_SECONDS = 1.0
OVERHEAD_SECONDS = 9.0  # of a whole run on a busy machine, beside its one exchange; a drip alone would take longer
MANY = 7
BAD = [
    network.DRIP,
    network.RESET_AT_ONCE,
    network.RESET,
    network.TRUNCATED,
    network.HALF_CLOSED,
    network.SILENT,
    network.BLACK_HOLE,
]


@dataclass
class Far:
    """A dealer at the other end of a bad network, whose system would keep doubles."""

    dealer: Dealer
    proxy: Proxy

    def meet(self, weather: Weather, *methods: bytes) -> tuple[SyncRun, float]:
        """One job in this weather, and the seconds it took; then the sky clears."""
        self.proxy.methods, self.proxy.weather = methods, weather
        began = time.monotonic()
        run = self.dealer.sync()
        took, self.proxy.weather = time.monotonic() - began, network.CALM
        return run, took

    def go_on(self, run: SyncRun) -> SyncRun:
        """The next job of the same run."""
        make_due(run.id)
        jobs.run(str(run.id))
        return run_of(run.id)

    def names(self) -> Counter[str]:
        """What stands at the dealer, how often."""
        return Counter(each["given_name"] for each in self.dealer.system.records("customers"))


@pytest.fixture
def far(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Far]:
    """Its link has little patience: one second for an exchange."""
    limits = Limits(connect_seconds=TOTAL_SECONDS, read_seconds=TOTAL_SECONDS, total_seconds=TOTAL_SECONDS)
    monkeypatch.setattr(guarded_adapter, "Http", partial(Http, limits))
    with transaction(SYSTEM) as tx:
        customers.unshare(tx, cast.cem_id, "eskisehir")
    moody = Moody(Doubling())
    assert cast.eskisehir.partner_id is not None
    with serve(moody) as url, proxied(url) as proxy:
        yield Far(Dealer(moody, add_link(proxy.url, cast.eskisehir.partner_id)), proxy)


def bring(count: int = MANY) -> list[str]:
    """Customers of the hub that the dealer is to get; their names."""
    names = [f"İlgi {number}" for number in range(count)]
    with transaction(SYSTEM) as tx:
        for name in names:
            made = customers.create(tx, {"kind": "person", "given_name": name})
            customers.share(tx, made["id"], "eskisehir", "sale")
    return names


@pytest.mark.parametrize("weather", BAD, ids=str)
def test_pull_ends_in_time_and_takes_nothing_of_a_broken_answer(far: Far, weather: Weather) -> None:
    far.dealer.system.add("customers", [{"kind": "person", "given_name": f"Şule {n}"} for n in range(MANY)])
    run, took = far.meet(weather, b"GET")
    assert (run.status, far.proxy.spoiled) == ("queued", 1), run.error
    assert took < TOTAL_SECONDS + OVERHEAD_SECONDS
    assert rows("SELECT count(*) FROM sync_cursors") == rows("SELECT count(*) FROM sync_references") == [(0,)]
    ended = far.go_on(run)
    assert (ended.status, ended.streams["customers"]["created"]) == ("succeeded", MANY)


@pytest.mark.parametrize("weather", BAD[:-1], ids=str)
def test_push_whose_outcome_is_unknown_is_looked_up_and_never_doubled(far: Far, weather: Weather) -> None:
    names = bring(1)
    run, took = far.meet(weather, b"POST")
    assert (run.status, far.proxy.spoiled > 0) == ("queued", True), run.error
    assert took < TOTAL_SECONDS + OVERHEAD_SECONDS
    ended = far.go_on(run)
    assert ended.status == "succeeded", ended.error
    assert far.names() == Counter(names)
    (reference,) = [each["reference"] for each in far.dealer.system.records("customers")]
    asked = [each.args["reference"] for each in far.dealer.system.requests if "reference" in each.args]
    assert asked == [reference], "asked for under the name it was sent with, before anything is sent again"


@pytest.mark.parametrize("weather", [network.RESET_AT_ONCE, network.SILENT], ids=str)
def test_many_lost_answers_double_nothing(far: Far, weather: Weather) -> None:
    names = bring()
    run, _ = far.meet(weather, b"POST")
    for _ in range(3):
        if run.status == "queued":
            run = far.go_on(run)
    assert (run.status, far.names()) == ("succeeded", Counter(names)), run.error


def test_update_whose_answer_is_lost_arrives_and_changes_nothing_here(far: Far, cast: Cast) -> None:
    (name,) = bring(1)
    far.dealer.sync()
    customer = next(record for (record,) in rows("SELECT record_id FROM sync_references"))
    version = cast.ayse.get(f"/customers/{customer}").get_json()["version"]
    cast.ayse.patch(f"/customers/{customer}", {"given_name": "Çağla"}, version)
    run, _ = far.meet(network.RESET_AT_ONCE, b"PATCH")
    assert (run.status, far.go_on(run).status) == ("queued", "succeeded")
    assert far.dealer.sync().streams["customers"]["pushed"] == 0
    assert far.names() == Counter(["Çağla"]) and name != "Çağla"
    assert cast.ayse.get(f"/customers/{customer}").get_json()["version"] == version + 1


def test_a_slow_network_only_takes_its_time(far: Far) -> None:
    names = bring(2)
    run, took = far.meet(network.LATENCY, b"GET", b"POST")
    assert (run.status, far.names()) == ("succeeded", Counter(names)), run.error
    assert took > network.LATENCY.latency * far.proxy.spoiled


@pytest.fixture
def near(cast: Cast) -> Iterator[Callable[[], SyncRun]]:
    """Runs of another partner's link, over a network that is well."""
    assert cast.ankara.partner_id is not None
    moody = Moody(Doubling())
    with serve(moody) as url:
        yield Dealer(moody, add_link(url, cast.ankara.partner_id, name="Ankara DMS")).sync


def test_a_link_in_a_black_hole_leaves_others_alone(far: Far, near: Callable[[], SyncRun]) -> None:
    far.meet(network.BLACK_HOLE, b"GET")
    began = time.monotonic()
    assert near().status == "succeeded"
    assert time.monotonic() - began < OVERHEAD_SECONDS
