"""Benchmarks in small: tiny data, one server of each kind, load from Python; that both do the same is the point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from rich.console import Console

from benchmarks import (
    api_get,
    api_list,
    api_post,
    customers_lookup,
    customers_search,
    oauth_token,
    rounds,
    sameness,
    sync_push,
    sync_stage,
    webhooks_claim,
    webhooks_fanout,
    webhooks_latency,
    webhooks_rate,
)
from benchmarks.comparison import Comparison
from benchmarks.load import Wanted, by_loop, write_requests
from benchmarks.rounds import Target
from benchmarks.stage import Database, Door, Stage, tokens_of
from benchmarks.web import WebServer
from benchmarks.webhooks_stage import Gateway, open_gateway, open_receiver
from gateway.config import Settings
from tests.conftest import reopen


@dataclass
class Trial:
    """The product and both floors on one tiny database."""

    stage: Stage
    database: Database
    product: WebServer
    floors: dict[str, WebServer]
    tokens: dict[str, Door]

    def requests(self, comparison: Comparison) -> list[Wanted]:
        callers = comparison.callers(self.tokens)
        return comparison.ask(self.database, {door.partner_id: header for header, door in callers.items()})


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory, whole_app: Flask, settings: Settings) -> Iterator[Trial]:
    folder = tmp_path_factory.mktemp("bench")
    with Stage(folder, scale=0.002, rounds=1, seconds=0.5, load=by_loop) as stage:
        database = stage.database()
        reopen(settings)
        with sameness.statements_logged(database), stage.product(database, workers=1) as product:
            tokens = tokens_of(product, database)
            by_token, by_secret = api_get.BENCHMARK.callers(tokens), oauth_token.BENCHMARK.callers(tokens)
            with (
                stage.floor("api", database, by_token, product.url, 1) as api,
                stage.floor("token", database, by_secret, product.url, 1) as token,
            ):
                yield Trial(stage, database, product, {"api": api, "token": token}, tokens)


@pytest.mark.parametrize(
    "comparison",
    [api_get.BENCHMARK, api_list.BENCHMARK, api_post.BENCHMARK, oauth_token.BENCHMARK],
    ids=lambda each: each.name,
)
def test_floor_sends_the_same_statements_and_answers_the_same(trial: Trial, comparison: Comparison) -> None:
    comparison.prove(trial.stage, trial.product, trial.floors[comparison.floor], trial.requests(comparison))


def test_pull_push_and_their_floors_do_the_same_work(trial: Trial, settings: Settings) -> None:
    try:
        with sync_stage.open_dealer_and_gateway(trial.stage, 120) as gateway:
            assert gateway.run(read=120, created=120).seconds > 0
            gateway.dealer.edition = 2
            assert gateway.run(read=120, created=0, changed=2).postgres_seconds >= 0
            gateway.dealer.edition = 0
            assert sync_push.push(gateway).cpu_seconds > 0
            written = list(gateway.dealer.writes)
            sync_push.send_again(trial.stage, gateway.dealer)
            assert gateway.dealer.writes == written * 2
    finally:
        reopen(settings)


@pytest.fixture
def webhooks(trial: Trial, settings: Settings) -> Iterator[Gateway]:
    """A gateway with three endpoints at one receiver."""
    try:
        with open_receiver() as receiver, open_gateway(trial.stage, receiver, 3) as gateway:
            yield gateway
    finally:
        reopen(settings)


def test_webhooks_and_the_bare_client_send_as_many(webhooks: Gateway) -> None:
    stage, receiver = webhooks.stage, webhooks.receiver
    webhooks_rate.send_bare(stage, receiver, webhooks_rate.sign(stage, receiver, webhooks, 60))
    bare = receiver.count()
    assert webhooks_rate.deliver(webhooks, 60).cpu_seconds > 0
    assert bare == receiver.count() == 60


def test_every_event_is_claimed_fanned_out_and_timed(webhooks: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    assert webhooks_claim.claim_all(webhooks, 40) >= 0
    with webhooks.worker():
        assert webhooks_fanout.fan_out(webhooks) > 0
        monkeypatch.setattr(webhooks_latency, "PER_SECOND", 5)
        p50, p95, p99 = webhooks_latency.measure(webhooks, 10)
    assert 0 < p50 <= p95 <= p99


@pytest.mark.parametrize(
    "benchmark", [customers_lookup.BENCHMARK, customers_search.BENCHMARK], ids=lambda each: each.name
)
def test_desk_is_answered_in_every_round(trial: Trial, settings: Settings, benchmark: Any) -> None:
    try:
        (found,) = benchmark.run(trial.stage, Console(quiet=True))
        assert found.value > 0
    finally:
        reopen(settings)


def test_floor_that_answers_otherwise_is_found_out(trial: Trial) -> None:
    wanted = trial.requests(api_get.BENCHMARK)
    with pytest.raises(sameness.NotTheSame):
        api_get.BENCHMARK.prove(trial.stage, trial.product, trial.floors["token"], wanted)


def test_round_gives_rate_and_cpu_of_both(trial: Trial) -> None:
    requests = write_requests(trial.stage.folder / "trial.requests", trial.requests(api_get.BENCHMARK))
    ours, floor = Target(trial.product, requests), Target(trial.floors["api"], requests)
    ((our_turn, floor_turn),) = rounds.alternate(trial.stage, ours, floor)
    assert 0 < our_turn.load.requests < floor_turn.load.requests * 10
    assert our_turn.web_us > 0 < our_turn.postgres_us
