"""A circuit opens after five failures in a row, lets one message probe, and closes on success, for all processes."""

from datetime import timedelta
from typing import Any

import pytest

from gateway.db import now, transaction
from gateway.webhooks.delivery import settling
from gateway.webhooks.delivery.due import Claim
from gateway.webhooks.delivery.outcome import Outcome
from gateway.webhooks.delivery.paces import FAILURES_TO_OPEN
from tests.conftest import Cast
from tests.webhooks.backlog import SYSTEM, claim, owe, run
from tests.webhooks.conftest import Deliver, Register
from tests.webhooks.receiver import Receiver, answer

LATER = timedelta(hours=1)


def settle(claims: list[Claim], status: str = "failed", pause: float | None = None) -> None:
    at = now()
    next_at = None if status == "delivered" else at + LATER
    with transaction(SYSTEM) as tx:
        settling.settle(tx, [Outcome(each, at, status, 500, None, 1, next_at, pause_seconds=pause) for each in claims])


def pace(endpoint: dict[str, Any]) -> tuple[Any, ...]:
    """Failures in a row, seconds it stays open, and since when it fails."""
    (row,) = run(
        "SELECT failures, extract(epoch FROM open_until - now())::float, failing_since FROM webhook_paces"
        " WHERE endpoint_id = %(id)s",
        id=endpoint["id"],
    )
    return row


def let_it_pass() -> None:
    run("UPDATE webhook_paces SET open_until = now() WHERE open_until IS NOT NULL")


def test_five_failures_in_a_row_open_the_circuit(cast: Cast, register: Register) -> None:
    endpoint = register(cast.ayse)
    owe(endpoint, [None] * 7)
    claims = claim()
    settle(claims[: FAILURES_TO_OPEN - 1])
    assert pace(endpoint)[:2] == (FAILURES_TO_OPEN - 1, None)
    settle(claims[FAILURES_TO_OPEN - 1 : -1])
    failures, seconds, since = pace(endpoint)
    assert (failures, 25 < seconds <= 30, since is not None) == (6, True, True)


def test_a_success_between_failures_keeps_the_circuit_closed(cast: Cast, register: Register) -> None:
    endpoint = register(cast.ayse)
    owe(endpoint, [None] * 9)
    claims = claim()
    settle(claims[:4])
    settle(claims[4:5], "delivered")
    settle(claims[5:])
    assert pace(endpoint)[:2] == (4, None)


def test_open_circuit_holds_back_what_is_due_without_using_up_attempts(cast: Cast, register: Register) -> None:
    endpoint = register(cast.ayse)
    owe(endpoint, [None] * 5)
    settle(claim())
    owe(endpoint, [None] * 3)
    assert claim() == []
    rows = run("SELECT attempts FROM webhook_deliveries WHERE endpoint_id = %(id)s ORDER BY seq", id=endpoint["id"])
    assert [row[0] for row in rows] == [1] * 5 + [0] * 3


def test_circuit_that_opened_is_shown_to_who_read_it_closed_and_what_they_read_still_changes_it(
    cast: Cast, register: Register
) -> None:
    endpoint = register(cast.ayse)
    path = f"/webhooks/endpoints/{endpoint['id']}"
    etag = cast.ayse.get(path).headers["ETag"]
    owe(endpoint, [None] * 5)
    settle(claim())
    again = cast.ayse.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.get_json()["circuit"], again.get_json()["version"]) == (200, "open", 1)
    changed = cast.ayse.open("PATCH", path, json={"description": "Açık"}, headers={"If-Match": etag})
    assert changed.status_code == 200


def test_one_message_at_a_time_probes_whatever_its_due_time(cast: Cast, register: Register) -> None:
    endpoint = register(cast.ayse)
    owe(endpoint, [None] * 5)
    settle(claim())
    let_it_pass()
    assert [len(claim()), len(claim())] == [1, 0]


def test_attempt_says_that_it_was_a_probe(cast: Cast, register: Register) -> None:
    endpoint = register(cast.ayse)
    owe(endpoint, [None] * 5)
    settle(claim())
    let_it_pass()
    settle(claim())
    rows = run("SELECT trigger FROM webhook_attempts WHERE endpoint_id = %(id)s ORDER BY id", id=endpoint["id"])
    assert [row[0] for row in rows] == ["schedule"] * 5 + ["probe"]


def test_probe_that_fails_opens_the_circuit_for_twice_as_long(cast: Cast, register: Register) -> None:
    endpoint = register(cast.ayse)
    owe(endpoint, [None] * 5)
    settle(claim())
    spans = []
    for _ in range(6):
        let_it_pass()
        settle(claim())
        spans.append(round(pace(endpoint)[1], -1))
    assert spans == [60, 120, 240, 480, 600, 600]


def test_probe_that_succeeds_closes_it_and_leaves_others_on_their_schedule(cast: Cast, register: Register) -> None:
    endpoint = register(cast.ayse)
    owe(endpoint, [None] * 5)
    settle(claim())
    let_it_pass()
    settle(claim(), "delivered")
    assert pace(endpoint) == (0, None, None)
    assert claim() == []
    fresh = owe(endpoint, [None, None])
    assert [each.event_id for each in claim()] == fresh


@pytest.mark.parametrize(("wish", "pause"), [(120.0, 120), (1e9, 3600)])
def test_receiver_that_asks_for_a_pause_gets_it_for_all_its_messages(
    cast: Cast, register: Register, wish: float, pause: int
) -> None:
    endpoint = register(cast.ayse)
    owe(endpoint, [None] * 3)
    first, second, _ = claim()
    settle([first], pause=wish)
    settle([second], "delivered")  # it was on its way already
    owe(endpoint, [None])
    assert (claim(), round(pace(endpoint)[1], -1)) == ([], pause)


@pytest.mark.parametrize("path", ["recover", "replay", "test"])
def test_whoever_sends_by_hand_need_not_wait(cast: Cast, register: Register, path: str) -> None:
    endpoint = register(cast.ayse)
    owe(endpoint, [None] * 5)
    settle(claim())
    assert claim() == []
    body = {} if path == "test" else {"since": "2026-01-01T00:00:00Z"}
    assert cast.ayse.post(f"/webhooks/endpoints/{endpoint['id']}/{path}", body).status_code == 202
    assert len(claim()) == 1


def test_dead_endpoint_gets_no_more_than_a_few_calls(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    deliver()
    receiver.answering = answer(500)
    owe(register(cast.ayse), [None] * 60)
    deliver()
    assert FAILURES_TO_OPEN <= len(receiver.messages) <= FAILURES_TO_OPEN + 12
