"""What sync tells the inside by webhooks, and nobody else."""

from __future__ import annotations

import pytest
from werkzeug.wrappers import Response

from gateway.channels import Channel
from gateway.db import transaction
from gateway.sync import service
from gateway.webhooks.patterns import is_known
from tests.conftest import Cast
from tests.sync.conftest import SYSTEM, Dealer, rows


def told() -> list[tuple[str, str]]:
    """The events that sync recorded, with the status they tell of."""
    return [
        tuple(row) for row in rows("SELECT type, record ->> 'status' FROM events WHERE type LIKE 'sync.%' ORDER BY id")
    ]


def test_a_failed_run_tells_how_far_it_came(dealer: Dealer) -> None:
    dealer.add_customer()
    dealer.moody.before = lambda request: Response("", 401) if request.path == "/interactions" else None
    dealer.sync()
    [(record,)] = rows("SELECT record FROM events WHERE type = 'sync.run.failed'")
    assert (record["mode"], record["streams"]["customers"]["created"]) == ("normal", 1) and "401" in record["error"]


def test_a_run_that_succeeds_tells_nothing(dealer: Dealer) -> None:
    dealer.sync()
    assert told() == []


def test_a_permanent_failure_tells_of_the_run_and_of_the_link(dealer: Dealer) -> None:
    dealer.moody.before = lambda request: Response("", 401)
    dealer.sync()
    assert told() == [("sync.run.failed", "failed"), ("sync.link.paused", "paused")]


def test_pausing_and_resuming_are_told_once_each(dealer: Dealer) -> None:
    with transaction(SYSTEM) as tx:
        for _ in range(2):
            service.pause(tx, dealer.link_id, "Bakım var")
        for _ in range(2):
            service.resume(tx, dealer.link_id)
    assert told() == [("sync.link.paused", "paused"), ("sync.link.resumed", "active")]


@pytest.mark.parametrize("pattern", ["sync.*", "sync.run.failed"])
def test_no_partner_can_ask_for_what_is_for_the_inside(pattern: str, cast: Cast) -> None:
    assert is_known(pattern, Channel.INTRANET) and not is_known(pattern, Channel.EXTRANET)
    wish = {"url": "https://127.0.0.1/kopru", "event_types": [pattern]}
    refused = cast.eskisehir.post("/webhooks/endpoints", wish)
    assert (refused.status_code, "sync" in refused.get_json()["errors"][0]["message"]) == (422, False)


def test_no_partner_sees_the_events(dealer: Dealer) -> None:
    dealer.moody.before = lambda request: Response("", 401)
    dealer.sync()
    assert set(rows("SELECT cardinality(partners), is_for_customer FROM events WHERE type LIKE 'sync.%'")) == {
        (0, False)
    }
