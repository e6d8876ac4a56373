"""What ends by itself is told: an endpoint that fails for five days, or is gone, and messages that were given up."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from gateway.db import now, transaction
from gateway.webhooks.delivery import paces, settling
from gateway.webhooks.delivery.due import Claim
from gateway.webhooks.delivery.outcome import Outcome
from tests.conftest import Cast
from tests.webhooks.backlog import SYSTEM, claim, owe, run, statuses
from tests.webhooks.conftest import Register


def settle(claims: list[Claim], http_status: int = 500, *, again: bool = True) -> None:
    next_at = now() + timedelta(hours=1) if again else None
    with transaction(SYSTEM) as tx:
        settling.settle(tx, [Outcome(each, now(), "failed", http_status, "http_status", 1, next_at) for each in claims])


def fail_since(days: float) -> None:
    run("UPDATE webhook_paces SET failures = 3, failing_since = now() - make_interval(hours => %(hours)s)",
        hours=round(days * 24))  # fmt: skip


def told(event_type: str) -> list[dict[str, Any]]:
    return [row[0] for row in run("SELECT record FROM events WHERE type = %(type)s", type=event_type)]


@pytest.mark.parametrize(("days", "status"), [(4.9, "active"), (5.1, "disabled")])
def test_endpoint_that_has_failed_for_five_days_is_disabled(
    cast: Cast, register: Register, days: float, status: str
) -> None:
    endpoint = register(cast.ayse)
    owe(endpoint, [None])
    fail_since(days)
    settle(claim())
    assert cast.ayse.get(f"/webhooks/endpoints/{endpoint['id']}").get_json()["status"] == status


def test_disabling_is_told_with_its_reason_and_what_waits_is_held(cast: Cast, register: Register) -> None:
    endpoint = register(cast.eskisehir)
    owe(endpoint, [None, None])
    settle(claim()[:1], 410)
    (record,) = told("webhook.endpoint.disabled")
    assert (record["id"], record["url"], record["status"]) == (endpoint["id"], endpoint["url"], "disabled")
    assert "410" in record["disabled_reason"]
    assert statuses(endpoint) == ["held", "held"]
    seen = run("SELECT partners FROM events WHERE type = 'webhook.endpoint.disabled'")
    assert [[str(each) for each in row[0]] for row in seen] == [[str(cast.eskisehir.partner_id)]]


def test_one_success_starts_the_five_days_anew(cast: Cast, register: Register) -> None:
    endpoint = register(cast.ayse)
    owe(endpoint, [None, None])
    fail_since(6)
    arrived, failed = claim()
    with transaction(SYSTEM) as tx:
        settling.settle(tx, [Outcome(arrived, now(), "delivered", 204, None, 1, None)])
    settle([failed])
    assert cast.ayse.get(f"/webhooks/endpoints/{endpoint['id']}").get_json()["status"] == "active"


def test_endpoint_that_is_enabled_again_has_five_days_again(cast: Cast, register: Register) -> None:
    endpoint = register(cast.ayse)
    owe(endpoint, [None])
    fail_since(6)
    with transaction(SYSTEM) as tx:
        paces.begin_anew(tx, UUID(endpoint["id"]))
    settle(claim())
    assert cast.ayse.get(f"/webhooks/endpoints/{endpoint['id']}").get_json()["status"] == "active"


def test_message_that_is_given_up_is_told_to_the_house_alone(cast: Cast, register: Register) -> None:
    endpoint = register(cast.eskisehir)
    (event,) = owe(endpoint, [None])
    settle(claim(), again=False)
    (record,) = told("webhook.message.exhausted")
    assert (record["endpoint_id"], record["event_id"], record["attempts"]) == (endpoint["id"], str(event), 1)
    assert run("SELECT partners FROM events WHERE type = 'webhook.message.exhausted'") == [([],)]


def test_message_about_webhooks_that_is_given_up_makes_no_other(cast: Cast, register: Register) -> None:
    owe(register(cast.ayse), [None], "webhook.message.exhausted")
    settle(claim(), again=False)
    assert told("webhook.message.exhausted") == []
