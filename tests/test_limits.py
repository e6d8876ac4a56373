"""One client's storm is stopped, and only its own: with Redis across processes, without it in each."""

from __future__ import annotations

import re
import time
from typing import Any
from uuid import uuid4

import pytest
import redis as redis_library
from flask import Flask

from gateway import queue
from gateway.channels import Caller, Channel
from gateway.db import transaction
from gateway.limits import Limiter
from gateway.oauth import service as oauth
from tests.conftest import Api, Cast, fetch_token

LIMIT = re.compile(r'"default";r=(\d+);t=(\d+)')
POLICY = re.compile(r'"default";q=(\d+);w=(\d+)')


@pytest.fixture
def name(whole_app: Flask) -> str:
    """A client nobody has counted yet, on the run's Redis."""
    return f"client-{uuid4()}"


@pytest.fixture
def no_redis(monkeypatch: pytest.MonkeyPatch, whole_app: Flask) -> None:
    """A Redis that refuses every connection."""
    dead = redis_library.ConnectionPool.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.25)
    monkeypatch.setattr(queue, "_pool", dead)
    monkeypatch.setattr(queue, "_quick_pool", dead)


class Clock:
    """A time that moves only when told to."""

    def __init__(self) -> None:
        self.present = 1_800_000_000.0

    def monotonic(self) -> float:
        return self.present

    time = monotonic


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("gateway.limits.time", clock)
    return clock


def passed(limiter: Limiter, client: str, tries: int, requests: int, seconds: int) -> int:
    return sum(limiter.spend(client, requests, seconds).allowed for _ in range(tries))


def limited(cast: Cast, quota: tuple[int, int]) -> Api:
    with transaction(Caller.system("test")) as tx:
        client, secret = oauth.add_client(
            tx,
            "az isteyen",
            Channel.EXTRANET,
            partner_id=cast.ankara.partner_id,
            auth_method="client_secret_basic",
            grants=["client_credentials"],
            redirect_uris=[],
            scopes=["customers:read"],
            quota=quota,
        )
    return Api(cast.ankara.client, Channel.EXTRANET, fetch_token(cast.ankara.client, client.client_id, secret or ""))


def test_quota_is_spent_and_then_refused_with_when_to_return(standing_cast: Cast) -> None:
    api = limited(standing_cast, (3, 60))
    answers = [api.get("/customers") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].headers["Retry-After"] == "20"
    assert (answers[-1].content_type, answers[-1].get_json()["code"]) == ("application/problem+json", "rate_limited")


def test_headers_have_the_structured_form_of_the_draft(standing_cast: Cast) -> None:
    api = limited(standing_cast, (3, 60))
    remaining = []
    for _ in range(4):
        headers = api.get("/customers").headers
        assert POLICY.fullmatch(headers["RateLimit-Policy"]).groups() == ("3", "60")  # type: ignore[union-attr]
        remaining.append(LIMIT.fullmatch(headers["RateLimit"])[1])  # type: ignore[index]
    assert remaining == ["2", "1", "0", "0"]


def test_one_clients_storm_leaves_the_other_its_quota(standing_cast: Cast) -> None:
    loud, quiet = limited(standing_cast, (3, 60)), limited(standing_cast, (3, 60))
    assert [loud.get("/customers").status_code for _ in range(6)][-1] == 429
    assert [quiet.get("/customers").status_code for _ in range(3)] == [200, 200, 200]


def test_refused_request_does_nothing(standing_cast: Cast) -> None:
    api = limited(standing_cast, (1, 60))
    assert api.get("/customers").status_code == 200
    assert api.get(f"/customers/{uuid4()}?nonsense=1").status_code == 429


def test_bucket_fills_again_with_time(name: str, clock: Clock) -> None:
    limiter = Limiter()
    assert passed(limiter, name, 20, 10, 1) == 10
    clock.present += 0.35
    assert passed(limiter, name, 20, 10, 1) == 3


@pytest.mark.parametrize("processes", [1, 4])
def test_processes_share_one_bucket(name: str, processes: int) -> None:
    limiters = [Limiter() for _ in range(processes)]
    allowed = sum(passed(limiters[number % processes], name, 1, 200, 3600) for number in range(300))
    assert allowed == 200


def test_what_a_process_did_not_spend_goes_back(name: str, clock: Clock) -> None:
    """Each of 100 rare requests draws a lot of 4; were the rest lost, 200 tokens would end after 50 of them."""
    limiters = [Limiter() for _ in range(4)]
    for number in range(100):
        clock.present += 1.5
        assert limiters[number % 4].spend(name, 200, 1_000_000).allowed


def test_without_redis_each_process_limits_by_itself(no_redis: None, name: str) -> None:
    assert passed(Limiter(), name, 30, 10, 3600) == 10
    assert [passed(limiter, name, 300, 200, 3600) for limiter in (Limiter(), Limiter())] == [200, 200]


def test_without_redis_the_bucket_fills_again_too(no_redis: None, name: str, clock: Clock) -> None:
    limiter = Limiter()
    assert passed(limiter, name, 20, 10, 1) == 10
    clock.present += 0.35
    assert passed(limiter, name, 20, 10, 1) == 3


def test_dead_redis_is_not_asked_again_for_each_request(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Hanging:
        def eval(self, *_: Any) -> Any:
            asked.append(1)
            raise redis_library.exceptions.TimeoutError

    monkeypatch.setattr(queue, "quick_redis", Hanging)
    assert passed(Limiter(), name, 100, 100, 3600) == 100
    assert len(asked) == 1


def test_doors_stay_open_without_redis(no_redis: None, standing_cast: Cast) -> None:
    begun = time.monotonic()
    assert [standing_cast.ankara.get("/customers").status_code for _ in range(5)] == [200] * 5
    assert time.monotonic() - begun < 5
