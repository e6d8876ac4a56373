"""What endpoints wish: conditions, thin bodies, and what becomes of theirs while they are disabled."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from gateway.channels import Caller, Channel
from gateway.db import Query, transaction
from gateway.webhooks.catalogue.registered import told_among
from gateway.webhooks.fanout import owed_to
from tests.conftest import Cast
from tests.webhooks.conftest import Register, feed
from tests.webhooks.receiver import Receiver
from tests.webhooks.test_delivery import rename
from tests.webhooks.test_fanout import CUSTOMER, PARTNER, event, listener, payloads

ACTIVE = {"field": "status", "is": ["active"]}
_SET = Query(text("UPDATE webhook_endpoints SET status = :status, disabled_at = now(), hold_hours = :hours"))
_STATES = Query(text("SELECT status, type FROM webhook_deliveries ORDER BY seq"))


def disable(hours: int) -> None:
    with transaction(Caller.system("test")) as tx:
        tx.run(_SET, status="disabled", hours=hours)


def states() -> list[tuple[str, str]]:
    with transaction(Caller.system("test")) as tx:
        return [(status, kind) for status, kind in tx.rows(_STATES)]


@pytest.mark.parametrize(("status", "hears"), [("active", True), ("inactive", False)])
def test_endpoint_hears_of_what_meets_its_conditions(status: str, hears: bool) -> None:
    choosy = listener(Channel.INTRANET, filters=[ACTIVE])
    assert bool(payloads(choosy, event(record={"id": "1", "status": status}))) is hears


@pytest.mark.parametrize("condition", [{"exists": True}, {"is": ["1987-04-23"]}])
def test_condition_on_a_hidden_field_is_one_on_a_field_that_does_not_exist(condition: dict[str, Any]) -> None:
    told = event(record={"id": "1", "birth_date": "1987-04-23"}, partners=[PARTNER])
    filters = [{"field": "birth_date", **condition}]
    blind = listener(Channel.EXTRANET, partner_id=PARTNER, filters=filters)
    granted = listener(Channel.EXTRANET, partner_id=PARTNER, filters=filters, granted=frozenset({"birth_date"}))
    assert (payloads(blind, told), len(payloads(granted, told))) == ([], 1)


def test_thin_body_says_which_record_and_where_to_read_it() -> None:
    told = event(record={"id": str(CUSTOMER), "given_name": "İğşı", "version": 4}, partners=[PARTNER])
    (body,) = payloads(listener(Channel.EXTRANET, partner_id=PARTNER, payload="thin"), told)
    assert (set(body), body["type"]) == ({"id", "type", "occurred_at", "data"}, "customer.updated")
    url = f"/extranet/v1/customers/{CUSTOMER}"
    assert body["data"] == {"id": str(CUSTOMER), "customer_id": str(CUSTOMER), "version": 4, "url": url}


def test_conditions_of_a_thin_endpoint_are_about_the_whole_record() -> None:
    thin = listener(Channel.INTRANET, payload="thin", filters=[ACTIVE])
    assert len(payloads(thin, event(record={"id": "1", "status": "active"}))) == 1


@pytest.mark.parametrize("payload", ["full", "thin"])
def test_end_of_a_share_tells_that_and_nothing_of_the_customer(payload: str) -> None:
    record = {"id": str(CUSTOMER), "given_name": "İğşı", "version": 4, "contact_points": [{"value": "a@example.com"}]}
    told = event("customer.unshared", record=record, partners=[PARTNER])
    (body,) = payloads(listener(Channel.EXTRANET, partner_id=PARTNER, payload=payload), told)
    assert set(body["data"]) <= {"id", "customer_id", "version"}


@pytest.mark.parametrize(
    ("told", "count"),
    [("customer.unshared", 1), ("customer.deleted", 1), ("interaction.deleted", 1), ("customer.updated", 0)],
)
def test_end_of_a_record_passes_conditions_on_fields_that_it_no_longer_has(told: str, count: int) -> None:
    active = listener(Channel.INTRANET, filters=[{"field": "status", "is": ["active"]}])
    assert len(payloads(active, event(told, record={"id": str(CUSTOMER), "version": 4}))) == count


def test_what_nobody_described_is_told_to_nobody(app: object) -> None:
    known = event()
    with transaction(Caller.system("test")) as tx:
        assert told_among(tx, [event("customer.invented"), known, event("showroom.unknown")]) == [known]


def test_endpoints_with_one_view_share_one_body() -> None:
    alike = [listener(Channel.INTRANET) for _ in range(3)]
    (message,) = owed_to([*alike, listener(Channel.EXTRANET, partner_id=PARTNER)], [event()])
    assert message.listeners == alike


def test_endpoint_is_never_told_of_itself() -> None:
    own = listener(Channel.INTRANET)
    (message,) = owed_to([own, listener(Channel.INTRANET)], [event(resource_id=own.id)])
    assert own not in message.listeners


@pytest.mark.parametrize(("hours", "kept"), [(72, [("held", "customer.updated")]), (0, [])])
def test_what_a_disabled_endpoint_is_owed_is_held_for_its_time(
    cast: Cast, receiver: Receiver, register: Register, hours: int, kept: list[Any]
) -> None:
    register(cast.ayse, "customer.updated")
    disable(hours)
    rename(cast)
    feed()
    assert states() == kept


def test_what_is_held_is_withdrawn_with_the_share(cast: Cast, receiver: Receiver, register: Register) -> None:
    register(cast.eskisehir, "customer.*")
    feed()
    disable(72)
    rename(cast)
    feed()
    cast.ayse.delete(f"/customers/{cast.cem_id}/shares/eskisehir")
    feed()
    assert states()[-2:] == [("cancelled", "customer.updated"), ("held", "customer.unshared")]


def test_deliveries_are_numbered_in_the_order_of_the_events(cast: Cast, receiver: Receiver, register: Register) -> None:
    for _ in range(3):
        register(cast.ayse, "customer.updated")
    feed()
    for number in range(4):
        rename(cast, given_name=f"Cem {number}")
    feed()
    with transaction(Caller.system("test")) as tx:
        names = Query(text("SELECT payload::jsonb #>> '{data,given_name}' FROM webhook_deliveries ORDER BY seq"))
        assert [name for (name,) in tx.rows(names)] == [f"Cem {number}" for number in range(4) for _ in range(3)]
