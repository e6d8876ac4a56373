"""Receivers, endpoints registered through the API, and one turn of the job that delivers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy import text

from gateway.channels import Caller
from gateway.db import Query, transaction
from gateway.guarded import Guard
from gateway.guarded_sender import Sender
from gateway.webhooks import jobs
from gateway.webhooks.delivery import dispatch
from gateway.webhooks.delivery.dispatch import Dispatcher
from tests.conftest import Api
from tests.webhooks.receiver import Receiver, receiving

HASTE_SECONDS = 1.0
LOOPBACK = (ip_network("127.0.0.0/8"),)
Deliver = Callable[[], None]
Register = Callable[..., dict[str, Any]]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def deliver(app: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deliver]:
    """Run the job as a worker would that goes home as soon as nothing is due."""
    monkeypatch.setattr(dispatch, "_LINGER_SECONDS", 0.05)
    dispatcher = Dispatcher(Sender(Guard(LOOPBACK)))
    monkeypatch.setattr(jobs, "_dispatcher", dispatcher)

    def deliver() -> None:
        feed()
        jobs.deliver()

    yield deliver
    dispatcher.close()


@pytest.fixture
def hasty(deliver: Deliver, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on one exchange has HASTE_SECONDS."""
    monkeypatch.setattr(jobs._dispatcher, "_total_seconds", HASTE_SECONDS)


@pytest.fixture
def strict_sender(deliver: Deliver, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """From now on deliveries go to public addresses only, as if the setting had been withdrawn."""
    dispatcher = Dispatcher(Sender(Guard()))
    monkeypatch.setattr(jobs, "_dispatcher", dispatcher)
    yield
    dispatcher.close()


@pytest.fixture
def register(receiver: Receiver) -> Register:
    """Register the receiver through somebody's door; answers the endpoint with its secret."""

    def add(api: Api, *event_types: str, url: str = "") -> dict[str, Any]:
        body = {"url": url or receiver.url, "event_types": list(event_types) or ["*"]}
        answer = api.post("/webhooks/endpoints", body)
        assert answer.status_code == 201, answer.text
        return dict(answer.get_json())

    return add


def attempts_of(api: Api, endpoint: dict[str, Any]) -> list[dict[str, Any]]:
    """The attempts as the API shows them."""
    items: list[dict[str, Any]] = api.get(f"/webhooks/endpoints/{endpoint['id']}/attempts").get_json()["items"]
    return items


_MAKE_DUE = Query(text("UPDATE webhook_deliveries SET due_at = now(), leased_until = NULL WHERE status = 'pending'"))
_PASS_CIRCUITS = Query(text("UPDATE webhook_paces SET open_until = NULL, probing_until = NULL"))
_END_OVERLAP = Query(text("UPDATE webhook_keys SET ends_at = now() WHERE ends_at IS NOT NULL"))
_NEXT = Query(text("SELECT extract(epoch FROM min(due_at) - now()) FROM webhook_deliveries WHERE status = 'pending'"))


def make_due() -> None:
    """Let the time of the schedule, of every lease and of every open circuit pass."""
    with transaction(Caller.system("test")) as tx:
        tx.run(_MAKE_DUE)
        tx.run(_PASS_CIRCUITS)


def end_overlap() -> None:
    """Let the day after a rotation pass."""
    with transaction(Caller.system("test")) as tx:
        tx.run(_END_OVERLAP)


def seconds_until_due() -> float:
    """How long until something is due."""
    with transaction(Caller.system("test")) as tx:
        row = tx.first(_NEXT)
    assert row is not None
    return float(row[0])


def feed(seconds: float = 20.0) -> None:
    """Fan out every event; one that stands behind another test's open transaction is waited for."""
    end = time.monotonic() + seconds
    while jobs._feed():
        assert time.monotonic() < end
        time.sleep(0.01)
