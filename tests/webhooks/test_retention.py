"""How long messages are kept, removing what they said at once, and erasing a person."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from typing import Any
from uuid import UUID

import pytest

from gateway.channels import Caller
from gateway.db import transaction
from gateway.webhooks.messages import bodies, jobs
from gateway.webhooks.messages.erasure import erase_customer
from tests.conftest import Api, Cast
from tests.webhooks.conftest import Deliver, Register, make_due
from tests.webhooks.operations import finish
from tests.webhooks.receiver import Receiver, answer
from tests.webhooks.test_delivery import rename

CANARY = "Çalıkuşu"


@pytest.fixture(autouse=True)
def of_the_installation(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def told(cast: Cast, receiver: Receiver, register: Register, deliver: Deliver) -> list[dict[str, Any]]:
    """Endpoints of Eskişehir and of the house that were told of Cem, whose receiver echoes what it was told."""
    deliver()
    receiver.answering = answer(200, {"X-Echo": "canary"}, CANARY.encode())
    endpoints = [register(cast.eskisehir, "customer.updated"), register(cast.ayse, "customer.updated")]
    rename(cast, given_name=CANARY)
    deliver()
    return endpoints


def age(days: int, table: str = "webhook_deliveries") -> None:
    """Have everything been made so many days ago, by its id too."""
    earlier = f"created_at - interval '{days} days'"
    hexed = f"lpad(to_hex(floor(extract(epoch FROM {earlier}) * 1000)::bigint), 12, '0')"
    with transaction(Caller.system("test")) as tx:
        tx.raw.execute(
            f"UPDATE {table} SET created_at = {earlier}, id = ({hexed} || right(replace(id::text, '-', ''), 20))::uuid"
        )


def listed(api: Api) -> list[dict[str, Any]]:
    """The messages with what they said."""
    found = api.get("/webhooks/messages").get_json()["items"]
    return [api.get(f"/webhooks/messages/{each['id']}").get_json() for each in found]


def said(api: Api) -> list[bool]:
    """Of each message, whether its body and an answer to it are still kept."""
    return [
        each["payload"] is not None and any(attempt["response_body"] for attempt in each["attempts"])
        for each in listed(api)
    ]


def test_what_is_old_is_emptied_and_later_gone(cast: Cast, told: Any) -> None:
    age(29)
    jobs.forget_old_messages()
    assert said(cast.ayse) == [True, True]
    age(2)
    jobs.forget_old_messages()
    assert said(cast.ayse) == [False, False]
    age(60)
    jobs.forget_old_messages()
    assert listed(cast.ayse) == []
    assert cast.ayse.get("/webhooks/attempts").get_json()["items"] == []


def test_partner_with_terms_of_its_own_is_held_to_them(cast: Cast, told: Any) -> None:
    agreed = cast.ayse.patch("/webhooks/retention/eskisehir", {"payload_days": 7}, version=0)
    assert agreed.get_json() == cast.ayse.get("/webhooks/retention/eskisehir").get_json()
    assert (agreed.get_json()["payload_days"], agreed.get_json()["default_payload_days"]) == (7, 30)
    age(10)
    jobs.forget_old_messages()
    assert said(cast.eskisehir) == [False]
    assert sorted(said(cast.ayse)) == [False, True]


def test_shorter_terms_hold_for_what_is_there_already(cast: Cast, told: Any) -> None:
    cast.ayse.patch("/webhooks/retention/eskisehir", {"payload_days": 60}, version=0)
    age(40)
    jobs.forget_old_messages()
    assert said(cast.eskisehir) == [True]
    cast.ayse.patch("/webhooks/retention/eskisehir", {"payload_days": None}, version=1)
    jobs.forget_old_messages()
    assert said(cast.eskisehir) == [False]


def test_bodies_cannot_outlive_their_rows(cast: Cast) -> None:
    answered = cast.ayse.patch("/webhooks/retention/eskisehir", {"payload_days": 91}, version=0)
    assert (answered.status_code, answered.get_json()["errors"][0]["pointer"]) == (422, "/payload_days")


def test_what_waits_is_never_touched_and_follows_when_it_waits_no_more(
    cast: Cast, receiver: Receiver, told: Any, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "AT_ONCE", 1)
    receiver.answering = answer(500, body=b"dolu")
    rename(cast, given_name="Bekleyen")
    deliver()
    age(100)
    jobs.forget_old_messages()
    assert said(cast.ayse) == [True, True]
    receiver.answering = answer(200)
    make_due()
    deliver()
    jobs.forget_old_messages()
    assert listed(cast.ayse) == []


def test_owner_expunges_its_own_and_nobody_elses(cast: Cast, told: Any) -> None:
    shown = finish(cast.eskisehir, cast.eskisehir.post("/webhooks/expunge", {"customer_id": str(cast.cem_id)}))
    assert (shown["status"], shown["result"]) == ("succeeded", {"removed": 1})
    assert (said(cast.eskisehir), sorted(said(cast.ayse))) == ([False], [False, True])


@pytest.mark.parametrize("of", ["before", "endpoint_id"])
def test_house_expunges_what_is_old_or_was_sent_somewhere(cast: Cast, told: Any, of: str) -> None:
    wish = {"before": "2100-01-01T00:00:00Z", "endpoint_id": told[1]["id"]}[of]
    shown = finish(cast.ayse, cast.ayse.post("/webhooks/expunge", {of: wish}))
    assert shown["result"] == {"removed": {"before": 2, "endpoint_id": 1}[of]}


def test_expunging_needs_a_condition_and_an_endpoint_of_ones_own(cast: Cast, told: Any) -> None:
    assert cast.ankara.post("/webhooks/expunge", {}).status_code == 422
    assert cast.ankara.post("/webhooks/expunge", {"endpoint_id": told[0]["id"]}).status_code == 404


def test_message_whose_body_is_gone_is_not_sent_again(cast: Cast, told: Any) -> None:
    finish(cast.eskisehir, cast.eskisehir.post("/webhooks/expunge", {"endpoint_id": told[0]["id"]}))
    (message,) = listed(cast.eskisehir)
    again = cast.eskisehir.post(f"/webhooks/messages/{message['id']}/resend")
    assert (again.status_code, again.get_json()["code"]) == (409, "nothing_to_send")


def test_nothing_of_an_erased_person_stays_among_messages(
    cast: Cast, receiver: Receiver, told: Any, deliver: Deliver
) -> None:
    receiver.answering = answer(500, body=CANARY.encode())
    rename(cast, family_name=CANARY)
    deliver()
    with transaction(Caller.system("test")) as tx:
        assert erase_customer(tx, UUID(str(cast.cem_id))) == 4
    before = len(receiver.messages)
    make_due()
    deliver()
    assert (len(receiver.messages), {each["status"] for each in listed(cast.ayse)}) == (
        before,
        {"delivered", "cancelled"},
    )
    assert canaries() == []


def test_person_erased_while_a_message_is_on_its_way_leaves_no_answer(
    cast: Cast, receiver: Receiver, told: Any, deliver: Deliver
) -> None:
    def erase_and_echo(handler: BaseHTTPRequestHandler) -> None:
        with transaction(Caller.system("test")) as tx:
            erase_customer(tx, UUID(str(cast.cem_id)))
        answer(200, body=CANARY.encode())(handler)

    receiver.answering = erase_and_echo
    rename(cast, family_name=CANARY)
    deliver()
    assert len(receiver.messages) == 4
    assert canaries() == []


def canaries() -> list[str]:
    """The tables of webhooks, and of long work, in which a byte of the canary is left."""
    with transaction(Caller.system("test")) as tx:
        names = tx.raw.execute(
            "SELECT tablename FROM pg_tables WHERE tablename LIKE 'webhook_%' OR tablename = 'operations'"
        )
        tables = [name for (name,) in names.fetchall()]
        found = {
            name: str(tx.raw.execute(f"SELECT * FROM {name}").fetchall()).encode("unicode_escape") for name in tables
        }
    traces = (CANARY.encode("unicode_escape"), str(CANARY.encode()).strip("b'").encode("unicode_escape"))
    return [name for name, rows in found.items() if any(trace in rows for trace in traces)]


def test_canary_would_be_found(cast: Cast, told: Any) -> None:
    assert set(canaries()) == {"webhook_attempts", "webhook_deliveries"}
