"""Rotation with overlap, tries on schedule, and sending again by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import WebhookVerificationError

from gateway.channels import Caller
from gateway.db import transaction
from gateway.webhooks.messages import backlog, recovery
from tests.conftest import Api, Cast
from tests.webhooks.conftest import Deliver, Register, attempts_of, end_overlap, feed, make_due, seconds_until_due
from tests.webhooks.operations import finish
from tests.webhooks.receiver import Receiver, answer
from tests.webhooks.test_delivery import rename

LONG_AGO = "2026-01-01T00:00:00Z"


def recover(api: Api, endpoint: dict[str, Any], **span: str) -> dict[str, Any]:
    """Recover everything of an endpoint, or what a span says, and show how the operation ended."""
    return finish(api, api.post(f"/webhooks/endpoints/{endpoint['id']}/recover", {"since": LONG_AGO, **span}))


@pytest.fixture
def failed(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """An endpoint for which three messages have failed, which recovery takes up one at a step."""
    monkeypatch.setattr(recovery, "_AT_ONCE", 1)
    deliver()
    receiver.answering = answer(500)
    endpoint = register(cast.eskisehir, "customer.updated")
    for name in ("Bir", "İki", "Üç"):
        rename(cast, given_name=name)
    deliver()
    return endpoint


def test_both_secrets_sign_during_the_overlap_and_only_the_new_one_after(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    deliver()
    endpoint = register(cast.eskisehir, "customer.updated")
    rotated = cast.eskisehir.post(f"/webhooks/endpoints/{endpoint['id']}/rotate")
    assert (rotated.status_code, rotated.get_json()["secret"] == endpoint["secret"]) == (200, False)
    rename(cast)
    deliver()
    (message,) = receiver.messages
    for secret in (endpoint["secret"], rotated.get_json()["secret"]):
        assert message.opened_with(secret)["type"] == "customer.updated"
    end_overlap()
    rename(cast, given_name="Cem")
    deliver()
    assert receiver.messages[-1].opened_with(rotated.get_json()["secret"])
    with pytest.raises(WebhookVerificationError):
        receiver.messages[-1].opened_with(endpoint["secret"])


def test_failed_message_is_tried_again_with_the_same_id_and_a_new_timestamp(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    deliver()
    receiver.answering = answer(500)
    endpoint = register(cast.eskisehir, "customer.updated")
    rename(cast)
    deliver()
    deliver()
    assert len(receiver.messages) == 1
    receiver.answering = answer(200)
    make_due()
    deliver()
    first, second = receiver.messages
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    assert [each["status"] for each in attempts_of(cast.eskisehir, endpoint)] == ["delivered", "failed"]


def test_message_is_given_up_after_ten_tries_and_recovered_on_request(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    deliver()
    receiver.answering = answer(503)
    endpoint = register(cast.eskisehir, "customer.updated")
    rename(cast)
    for _ in range(12):
        deliver()
        make_due()
    assert len(receiver.messages) == 10
    receiver.answering = answer(200)
    assert recover(cast.eskisehir, endpoint)["done"] == 1
    deliver()
    (message,) = cast.eskisehir.get("/webhooks/messages").get_json()["items"]
    assert (message["status"], message["trigger"], message["attempt_count"]) == ("delivered", "recover", 1)
    assert recover(cast.eskisehir, endpoint)["done"] == 0


def test_recovery_leaves_what_is_older_alone(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    receiver.answering = answer(503)
    endpoint = register(cast.eskisehir, "customer.updated")
    rename(cast)
    deliver()
    later = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    recovered = recover(cast.eskisehir, endpoint, since=later)
    assert (recovered["status"], recovered["total"], recovered["done"]) == ("succeeded", 0, 0)


def test_delivered_message_can_be_sent_again(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    deliver()
    endpoint = register(cast.eskisehir, "customer.updated")
    rename(cast)
    deliver()
    (attempt,) = attempts_of(cast.eskisehir, endpoint)
    again = cast.eskisehir.post(f"/webhooks/endpoints/{endpoint['id']}/attempts/{attempt['id']}/resend")
    assert (again.status_code, again.get_json()) == (202, {"event_id": attempt["event_id"]})
    deliver()
    assert [message.headers["webhook-id"] for message in receiver.messages] == [attempt["event_id"]] * 2


def test_nothing_is_sent_again_to_a_disabled_endpoint(cast: Cast, register: Register) -> None:
    path = f"/webhooks/endpoints/{register(cast.ayse)['id']}"
    disabled = cast.ayse.patch(path, {"status": "disabled"}, 1).get_json()
    assert (disabled["status"], disabled["disabled_reason"]) == ("disabled", "by its owner")
    assert cast.ayse.post(f"{path}/recover", {"since": LONG_AGO}).get_json()["code"] == "endpoint_disabled"


def test_wish_of_the_receiver_delays_the_next_try(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    deliver()
    receiver.answering = answer(429, {"Retry-After": "3600"})
    register(cast.ayse, "customer.updated")
    rename(cast)
    deliver()
    assert 3590 <= seconds_until_due() <= 3600


def test_what_waits_about_a_customer_goes_no_more_once_the_share_has_ended(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    deliver()
    receiver.answering = answer(500)
    endpoint = register(cast.eskisehir, "customer.updated")
    rename(cast)
    deliver()
    cast.ayse.delete(f"/customers/{cast.cem_id}/shares/eskisehir")
    deliver()
    recovered = recover(cast.eskisehir, endpoint)
    make_due()
    deliver()
    assert (recovered["done"], len(receiver.messages)) == (0, 1)


def test_what_waits_loses_a_field_that_the_agreement_ceases_to_grant(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    deliver()
    receiver.answering = answer(500)
    register(cast.eskisehir, "customer.updated")
    rename(cast)
    deliver()
    cast.ayse.patch("/partners/eskisehir", {"granted_fields": []}, version=1)
    make_due()
    deliver()
    assert ["birth_date" in message.data for message in receiver.messages] == [True, False]


def test_what_failed_goes_out_oldest_first_step_by_step(cast: Cast, failed: dict[str, Any]) -> None:
    shown = recover(cast.eskisehir, failed)
    assert (shown["status"], shown["done"], shown["total"]) == ("succeeded", 3, 3)
    due = [each["next_attempt_at"] for each in cast.eskisehir.get("/webhooks/messages").get_json()["items"]]
    assert due == sorted(due, reverse=True)


def test_recovery_waits_for_what_is_due_and_not_for_what_failed(
    cast: Cast, failed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "MOST_WAITING", 2)
    shown = recover(cast.eskisehir, failed)
    assert (shown["status"], shown["done"]) == ("running", 2)


def test_what_was_held_too_long_is_recovered_too(cast: Cast, register: Register, deliver: Deliver) -> None:
    deliver()
    endpoint = register(cast.eskisehir, "customer.updated")
    rename(cast)
    feed()
    with transaction(Caller.system("test")) as tx:
        tx.raw.execute("UPDATE webhook_deliveries SET status = 'expired'")
    assert len(cast.eskisehir.get("/webhooks/messages?failed=true").get_json()["items"]) == 1
    assert recover(cast.eskisehir, endpoint)["done"] == 1
