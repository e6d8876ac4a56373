"""Strict order for each customer where it was asked for, and no waiting elsewhere."""

from uuid import UUID

import pytest

from gateway.db import new_id, now, transaction
from gateway.webhooks.delivery import due, settling
from gateway.webhooks.delivery.due import Claim
from gateway.webhooks.delivery.outcome import Outcome
from tests.conftest import Cast
from tests.webhooks.backlog import SYSTEM, claim, owe, run, set_endpoint
from tests.webhooks.conftest import Register, make_due

CEM, ISIK = new_id(), new_id()


def events_of(claims: list[Claim]) -> list[UUID]:
    return [each.event_id for each in claims]


def settle(claims: list[Claim], status: str = "delivered", *, again: bool = False) -> None:
    with transaction(SYSTEM) as tx:
        at = now()
        settling.settle(tx, [Outcome(each, at, status, 200, None, 1, at if again else None) for each in claims])


def test_next_event_of_a_customer_waits_while_the_one_before_is_on_its_way(cast: Cast, register: Register) -> None:
    endpoint = register(cast.ayse)
    set_endpoint(endpoint, is_ordered=True)
    first, second, other = owe(endpoint, [CEM, CEM, ISIK])
    claims = claim()
    assert sorted(events_of(claims)) == sorted([first, other])
    assert claim() == []
    settle(claims)
    assert events_of(claim()) == [second]


def test_next_event_waits_for_the_next_try_of_the_one_before(cast: Cast, register: Register) -> None:
    endpoint = register(cast.ayse)
    set_endpoint(endpoint, is_ordered=True)
    first, _ = owe(endpoint, [CEM, CEM])
    settle(claim(), "failed", again=True)
    run("UPDATE webhook_deliveries SET due_at = now() + interval '1 hour' WHERE event_id = %(id)s", id=first)
    assert claim() == []
    make_due()
    assert events_of(claim()) == [first]


@pytest.mark.parametrize("end", ["exhausted", "cancelled", "expired"])
def test_next_event_goes_once_the_one_before_is_given_up(cast: Cast, register: Register, end: str) -> None:
    endpoint = register(cast.ayse)
    set_endpoint(endpoint, is_ordered=True)
    first, second = owe(endpoint, [CEM, CEM])
    run("UPDATE webhook_deliveries SET status = %(end)s WHERE event_id = %(id)s", end=end, id=first)
    assert events_of(claim()) == [second]


def test_events_without_a_customer_are_in_order_among_themselves(cast: Cast, register: Register) -> None:
    endpoint = register(cast.ayse)
    set_endpoint(endpoint, is_ordered=True)
    first, _, other = owe(endpoint, [None, None, CEM])
    assert sorted(events_of(claim())) == sorted([first, other])


def test_event_sent_again_goes_before_what_has_not_gone(cast: Cast, register: Register) -> None:
    endpoint = register(cast.ayse)
    set_endpoint(endpoint, is_ordered=True)
    first, second = owe(endpoint, [CEM, CEM])
    settle(claim())
    run("UPDATE webhook_deliveries SET status = 'pending', due_at = now() WHERE event_id = %(id)s", id=first)
    claims = claim()
    assert events_of(claims) == [first]
    settle(claims)
    assert events_of(claim()) == [second]


def test_without_the_wish_for_order_nobody_waits(cast: Cast, register: Register) -> None:
    events = owe(register(cast.ayse), [CEM, CEM, CEM])
    assert events_of(claim()) == events


@pytest.mark.parametrize("start", [-(2**63), -1, 0, 1, 2**63 - 1])
def test_wherever_the_lot_falls_every_customer_has_its_turn(cast: Cast, register: Register, start: int) -> None:
    endpoint = register(cast.ayse)
    set_endpoint(endpoint, is_ordered=True)
    events = owe(endpoint, [new_id() for _ in range(20)])
    with transaction(SYSTEM) as tx:
        claims = due.claim(tx, 100, lambda _: 100, start=start).claims
    assert events_of(claims) == events
