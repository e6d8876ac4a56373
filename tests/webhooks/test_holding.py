"""What a disabled endpoint is owed is held, released in order when it returns, and given up after its hours."""

from typing import Any
from uuid import UUID

from gateway.db import now, transaction
from gateway.webhooks import jobs
from gateway.webhooks.delivery import holding, settling
from gateway.webhooks.delivery.outcome import Outcome
from tests.conftest import Cast
from tests.webhooks.backlog import SYSTEM, claim, owe, run, set_endpoint, statuses
from tests.webhooks.conftest import Register


def disable(endpoint: dict[str, Any], hours_ago: int = 0) -> None:
    set_endpoint(endpoint, status="disabled")
    run("UPDATE webhook_endpoints SET disabled_at = now() - make_interval(hours => %(hours)s)", hours=hours_ago)
    with transaction(SYSTEM) as tx:
        holding.hold(tx, UUID(endpoint["id"]))


def test_what_waits_is_held_and_released_in_order(cast: Cast, register: Register) -> None:
    endpoint = register(cast.ayse)
    events = owe(endpoint, [None] * 4)
    disable(endpoint)
    assert (statuses(endpoint), claim()) == (["held"] * 4, [])
    set_endpoint(endpoint, status="active")
    with transaction(SYSTEM) as tx:
        assert holding.release(tx, UUID(endpoint["id"])) == 4
    assert [each.event_id for each in claim()] == events


def test_try_that_was_on_its_way_still_counts(cast: Cast, register: Register) -> None:
    endpoint = register(cast.ayse)
    owe(endpoint, [None, None])
    arrived, failed = claim()
    disable(endpoint)
    outcomes = [
        Outcome(arrived, now(), "delivered", 204, None, 1, None),
        Outcome(failed, now(), "failed", 500, "http_status", 1, now()),
    ]
    with transaction(SYSTEM) as tx:
        settling.settle(tx, outcomes)
    assert statuses(endpoint) == ["delivered", "held"]


def test_what_is_held_for_longer_than_its_hours_is_given_up(cast: Cast, register: Register) -> None:
    short, long = register(cast.ayse), register(cast.ayse)
    for endpoint, hours in ((short, 2), (long, 4)):
        set_endpoint(endpoint, hold_hours=hours)
        owe(endpoint, [None, None])
        disable(endpoint)
    run("UPDATE webhook_deliveries SET created_at = now() - interval '9 hours'")
    run("UPDATE webhook_endpoints SET disabled_at = now() - interval '3 hours'")
    jobs.settle_held()
    assert (statuses(short), statuses(long)) == (["expired"] * 2, ["held"] * 2)


def test_upkeep_releases_what_a_return_has_left_behind(cast: Cast, register: Register) -> None:
    endpoint = register(cast.ayse)
    owe(endpoint, [None] * 3)
    disable(endpoint)
    set_endpoint(endpoint, status="active")
    jobs.settle_held()
    assert statuses(endpoint) == ["pending"] * 3


def test_order_waits_for_what_is_not_yet_released(cast: Cast, register: Register) -> None:
    endpoint = register(cast.ayse)
    set_endpoint(endpoint, is_ordered=True)
    owe(endpoint, [None])
    disable(endpoint)
    set_endpoint(endpoint, status="active")
    owe(endpoint, [None])
    assert claim() == []
