"""Sending what an endpoint has not received: while it was disabled, or before there was one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from gateway import outbox
from gateway.channels import Caller
from gateway.commit_order import Place
from gateway.db import transaction
from gateway.longrunning import jobs
from gateway.webhooks.messages import backlog, replay
from gateway.webhooks.messages.erasure import erase_customer
from tests.conftest import Api, Cast
from tests.webhooks.conftest import Deliver, Register, feed
from tests.webhooks.operations import finish
from tests.webhooks.receiver import Receiver
from tests.webhooks.test_delivery import rename

LONG_AGO = "2026-01-01T00:00:00Z"


def ask(api: Api, endpoint: dict[str, Any], **wish: Any) -> Any:
    """Ask for everything of an endpoint, or what a wish says."""
    return api.post(f"/webhooks/endpoints/{endpoint['id']}/replay", {"since": LONG_AGO, **wish})


def told(receiver: Receiver) -> list[str]:
    """What the receiver was told, in order."""
    return [f"{message.event_type} {message.data.get('given_name', '')}".strip() for message in receiver.messages]


def test_endpoint_receives_in_order_what_happened_before_there_was_one(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    rename(cast, given_name="İlk")
    rename(cast, given_name="Son")
    deliver()
    endpoint = register(cast.eskisehir, "customer.updated")
    shown = finish(cast.eskisehir, ask(cast.eskisehir, endpoint))
    deliver()
    assert sorted(told(receiver)) == ["customer.updated Son", "customer.updated İlk"]
    assert (shown["status"], shown["result"], shown["done"]) == ("succeeded", {"sent": 2}, shown["total"])
    (newest, oldest) = cast.eskisehir.get("/webhooks/messages").get_json()["items"]
    assert (newest["trigger"], newest["event_id"] > oldest["event_id"]) == ("replay", True)


def test_what_was_received_is_not_sent_again(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    deliver()
    endpoint = register(cast.eskisehir, "customer.updated")
    rename(cast, given_name="Bir")
    deliver()
    assert finish(cast.eskisehir, ask(cast.eskisehir, endpoint))["result"] == {"sent": 0}
    deliver()
    assert told(receiver) == ["customer.updated Bir"]


def test_person_who_was_erased_is_not_replayed(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    deliver()
    endpoint = register(cast.ayse, "customer.updated")
    rename(cast, given_name="Silinen")
    feed()
    with transaction(Caller.system("test")) as tx:
        erase_customer(tx, UUID(str(cast.cem_id)))
    assert finish(cast.ayse, ask(cast.ayse, endpoint))["result"] == {"sent": 0}


def test_only_the_types_and_time_asked_for_are_replayed(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    rename(cast, given_name="Bir")
    deliver()
    endpoint = register(cast.eskisehir, "customer.*")
    for wish in (
        {"event_types": ["customer.shared"], "since": "2026-01-01T00:00:00Z"},
        {"until": "2026-01-02T00:00:00Z"},
    ):
        finish(cast.eskisehir, ask(cast.eskisehir, endpoint, **wish))
    deliver()
    assert told(receiver) == ["customer.shared Cem"]


def test_nothing_is_replayed_of_a_customer_who_is_not_shared_any_more_but_the_end(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    rename(cast, given_name="Gizli")
    cast.ayse.delete(f"/customers/{cast.cem_id}/shares/eskisehir")
    deliver()
    endpoint = register(cast.eskisehir)
    finish(cast.eskisehir, ask(cast.eskisehir, endpoint))
    deliver()
    assert [message.event_type for message in receiver.messages] == ["customer.unshared"]
    assert "Gizli" not in str([message.body for message in receiver.messages])


def test_nothing_is_replayed_of_a_time_before_the_share(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    rename(cast, given_name="Önce")
    cast.ayse.post(f"/customers/{cast.cem_id}/shares", {"partner": "ankara"})
    deliver()
    endpoint = register(cast.ankara, "customer.*")
    finish(cast.ankara, ask(cast.ankara, endpoint))
    deliver()
    assert told(receiver) == ["customer.shared Önce"]


def test_what_is_replayed_shows_the_columns_of_today(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    rename(cast, given_name="Bir")
    cast.ayse.patch("/partners/eskisehir", {"granted_fields": []}, version=1)
    deliver()
    endpoint = register(cast.eskisehir, "customer.updated")
    finish(cast.eskisehir, ask(cast.eskisehir, endpoint))
    deliver()
    assert ["birth_date" in message.data for message in receiver.messages] == [False]


def test_replay_waits_while_enough_is_waiting(
    cast: Cast, register: Register, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Bir", "İki", "Üç"):
        rename(cast, given_name=name)
    deliver()
    endpoint = register(cast.eskisehir, "customer.updated")
    monkeypatch.setattr(replay, "_AT_ONCE", 1)
    monkeypatch.setattr(backlog, "MOST_WAITING", 2)
    shown = finish(cast.eskisehir, ask(cast.eskisehir, endpoint))
    assert (shown["status"], shown["result"]) == ("running", {"sent": 2})
    deliver()
    with transaction(Caller.system("test")) as tx:
        tx.raw.execute("UPDATE operations SET due_at = now()")
    jobs.go_on(shown["id"])
    assert cast.eskisehir.get(f"/operations/{shown['id']}").get_json()["result"] == {"sent": 3}


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [({"event_types": ["customer.renamed"]}, "/event_types/0"), ({"until": "2025-01-01T00:00:00Z"}, "/until")],
)
def test_replay_of_what_cannot_be_is_refused(cast: Cast, register: Register, wish: Any, pointer: str) -> None:
    answer = ask(cast.eskisehir, register(cast.eskisehir), **wish)
    assert (answer.status_code, [each["pointer"] for each in answer.get_json()["errors"]]) == (422, [pointer])


def test_replay_says_that_events_of_that_time_are_no_longer_kept(cast: Cast, register: Register) -> None:
    endpoint = register(cast.eskisehir)
    with transaction(Caller.system("test")) as tx:
        outbox.mark_forgotten(tx, Place("5", 1))
    answer = ask(cast.eskisehir, endpoint)
    assert (answer.status_code, answer.get_json()["code"]) == (410, "events_forgotten")
