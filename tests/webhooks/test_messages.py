"""Messages and attempts: found, shown as far as one may see them, and sent again."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.channels import Caller
from gateway.db import transaction
from gateway.oauth import standing
from tests.conftest import Api, Cast
from tests.webhooks.conftest import Deliver, Register, make_due
from tests.webhooks.receiver import Receiver, answer
from tests.webhooks.test_delivery import rename


def messages(api: Api, query: str = "") -> list[dict[str, Any]]:
    """The messages as the API lists them."""
    return list(api.get(f"/webhooks/messages{query}").get_json()["items"])


def attempts(api: Api, query: str = "") -> list[dict[str, Any]]:
    """The attempts as the API lists them."""
    return list(api.get(f"/webhooks/attempts{query}").get_json()["items"])


@pytest.fixture
def endpoint(cast: Cast, receiver: Receiver, register: Register, deliver: Deliver) -> dict[str, Any]:
    """Eskişehir's endpoint, which has received one message and failed to take another."""
    deliver()
    endpoint = register(cast.eskisehir, "customer.updated")
    rename(cast, given_name="Giden")
    deliver()
    receiver.answering = answer(500, body=b"bozuk \xff")
    rename(cast, given_name="Kalan")
    deliver()
    return endpoint


def test_messages_are_listed_newest_first_to_their_owner_and_inside(cast: Cast, endpoint: dict[str, Any]) -> None:
    newest, oldest = messages(cast.eskisehir)
    assert (newest["status"], newest["attempt_count"], oldest["status"]) == ("pending", 1, "delivered")
    assert newest["next_attempt_at"] and oldest["next_attempt_at"] is None
    assert (messages(cast.ayse), messages(cast.ankara)) == ([newest, oldest], [])


@pytest.mark.parametrize(
    ("query", "statuses"),
    [
        ("?failed=true", ["pending"]),
        ("?failed=false", ["pending", "delivered"]),
        ("?status=delivered", ["delivered"]),
        ("?status=exhausted", []),
        ("?type=customer.updated", ["pending", "delivered"]),
        ("?type=customer.created", []),
        ("?since=2026-01-01T00:00:00Z", ["pending", "delivered"]),
        ("?until=2026-01-01T00:00:00Z", []),
        ("?endpoint_id=01890000-0000-7000-8000-000000000000", []),
    ],
)
def test_messages_are_found_by_what_is_known_of_them(
    cast: Cast, endpoint: dict[str, Any], query: str, statuses: list[str]
) -> None:
    assert [each["status"] for each in messages(cast.eskisehir, query)] == statuses


@pytest.mark.parametrize(
    ("query", "statuses"),
    [
        ("?status=failed", ["failed"]),
        ("?since=2026-01-01T00:00:00Z", ["failed", "delivered"]),
        ("?until=2026-01-01T00:00:00Z", []),
        ("?event_id=01890000-0000-7000-8000-000000000000", []),
    ],
)
def test_attempts_are_found_by_what_is_known_of_them(
    cast: Cast, endpoint: dict[str, Any], query: str, statuses: list[str]
) -> None:
    assert [each["status"] for each in attempts(cast.eskisehir, query)] == statuses
    assert attempts(cast.ankara, query) == []


def test_customers_messages_are_found_only_by_those_who_see_the_customer(cast: Cast, endpoint: dict[str, Any]) -> None:
    query = f"?customer_id={cast.cem_id}"
    assert (len(messages(cast.eskisehir, query)), len(attempts(cast.eskisehir, query))) == (2, 2)
    cast.ayse.delete(f"/customers/{cast.cem_id}/shares/eskisehir")
    assert messages(cast.eskisehir, query) == attempts(cast.eskisehir, query) == []
    assert len(messages(cast.ayse, query)) == 2


@pytest.mark.parametrize("path", ["messages", "attempts"])
def test_list_is_walked_page_by_page_without_loss(cast: Cast, register: Register, deliver: Deliver, path: str) -> None:
    register(cast.ayse), register(cast.ayse)
    rename(cast)
    deliver()
    whole = cast.ayse.get(f"/webhooks/{path}").get_json()["items"]
    walked: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = cast.ayse.get(f"/webhooks/{path}?limit=1&cursor={cursor}" if cursor else f"/webhooks/{path}?limit=1")
        walked += page.get_json()["items"]
        cursor = page.get_json()["next"]
    assert len(whole) > 3
    assert walked == whole


def test_message_shows_its_body_and_attempts(cast: Cast, endpoint: dict[str, Any]) -> None:
    listed = messages(cast.eskisehir)[0]
    shown = cast.eskisehir.get(f"/webhooks/messages/{listed['id']}").get_json()
    assert (shown["payload"]["id"], shown["payload"]["data"]["given_name"]) == (listed["event_id"], "Kalan")
    (attempt,) = shown["attempts"]
    assert attempt == cast.eskisehir.get(f"/webhooks/attempts/{attempt['id']}").get_json()
    assert (attempt["status"], attempt["http_status"]) == ("failed", 500)


def test_body_is_shown_as_its_owner_may_see_it_now(cast: Cast, endpoint: dict[str, Any]) -> None:
    path = f"/webhooks/messages/{messages(cast.eskisehir)[0]['id']}"
    assert "birth_date" in cast.eskisehir.get(path).get_json()["payload"]["data"]
    cast.ayse.patch("/partners/eskisehir", {"granted_fields": []}, version=1)
    standing.forget()
    assert "birth_date" not in cast.eskisehir.get(path).get_json()["payload"]["data"]
    cast.ayse.delete(f"/customers/{cast.cem_id}/shares/eskisehir")
    assert cast.eskisehir.get(path).get_json()["payload"] is None
    assert cast.ayse.get(path).get_json()["payload"]["data"]["given_name"] == "Kalan"


def test_message_is_sent_again_with_the_same_id_and_body(
    cast: Cast, receiver: Receiver, endpoint: dict[str, Any], deliver: Deliver
) -> None:
    delivered = messages(cast.eskisehir, "?status=delivered")[0]
    again = cast.eskisehir.post(f"/webhooks/messages/{delivered['id']}/resend")
    assert (again.status_code, again.get_json()["status"], again.get_json()["trigger"]) == (202, "pending", "resend")
    receiver.answering = answer(200)
    before = len(receiver.messages)
    deliver()
    (message,) = receiver.messages[before:]
    assert (message.headers["webhook-id"], message.data["given_name"]) == (delivered["event_id"], "Giden")


def test_message_that_is_on_its_way_is_not_doubled(cast: Cast, endpoint: dict[str, Any]) -> None:
    waiting = messages(cast.eskisehir, "?failed=true")[0]
    with transaction(Caller.system("test")) as tx:
        tx.raw.execute(
            "UPDATE webhook_deliveries SET leased_until = now() + interval '1 minute' WHERE status = 'pending'"
        )
    again = cast.eskisehir.post(f"/webhooks/messages/{waiting['id']}/resend")
    assert (again.status_code, again.get_json()["next_attempt_at"]) == (202, waiting["next_attempt_at"])


def test_withdrawn_message_is_not_sent_again(cast: Cast, endpoint: dict[str, Any], deliver: Deliver) -> None:
    waiting = messages(cast.eskisehir, "?failed=true")[0]
    cast.ayse.delete(f"/customers/{cast.cem_id}/shares/eskisehir")
    deliver()
    again = cast.eskisehir.post(f"/webhooks/messages/{waiting['id']}/resend")
    assert (again.status_code, again.get_json()["code"]) == (409, "nothing_to_send")


def test_message_resent_begins_its_schedule_anew(
    cast: Cast, receiver: Receiver, endpoint: dict[str, Any], deliver: Deliver
) -> None:
    waiting = messages(cast.eskisehir, "?failed=true")[0]
    for _ in range(3):
        make_due()
        deliver()
    assert messages(cast.eskisehir, "?failed=true")[0]["attempt_count"] == 4
    cast.eskisehir.post(f"/webhooks/messages/{waiting['id']}/resend")
    deliver()
    assert messages(cast.eskisehir, "?failed=true")[0]["attempt_count"] == 1
