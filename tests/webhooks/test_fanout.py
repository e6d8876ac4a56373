"""Who is owed what, decided without a database; and rows that the database itself hides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
import pytest

from gateway.channels import Caller, Channel
from gateway.db import new_id, now, transaction
from gateway.outbox import StoredEvent
from gateway.webhooks import jobs
from gateway.webhooks.endpoints import service
from gateway.webhooks.fanout import Listener, owed_to
from tests.conftest import Cast
from tests.webhooks.conftest import Deliver, Register
from tests.webhooks.receiver import Receiver
from tests.webhooks.test_delivery import rename

PARTNER, CUSTOMER = new_id(), new_id()
LINE = {"sku": "S-1", "name": "Sedan", "quantity": "1", "unit_price": "900000", "unit_cost": "700000"}


def event(event_type: str = "customer.updated", **given: Any) -> StoredEvent:
    values: dict[str, Any] = {
        "changed": [], "record": {"id": str(CUSTOMER), "given_name": "İğşı", "owner": "ayse"}, "partners": [],
        "is_for_customer": False, "resource_id": CUSTOMER, **given,
    }  # fmt: skip
    return StoredEvent(
        "1", 1, new_id(), event_type, values["resource_id"], CUSTOMER, now(), values["changed"], values["record"],
        values["partners"], values["is_for_customer"], "", "", "",
    )  # fmt: skip


def listener(channel: Channel, **given: Any) -> Listener:
    values: dict[str, Any] = {"partner_id": None, "customer_id": None, "granted": frozenset(), **given}
    return Listener(new_id(), channel, event_types=("*",), **values)


def payloads(listening: Listener, told: StoredEvent) -> list[dict[str, Any]]:
    return [orjson.loads(message.body) for message in owed_to([listening], [told])]


@pytest.mark.parametrize(
    ("told", "hears"),
    [
        (event(is_for_customer=True), True),
        (event(is_for_customer=False), False),
        (event(is_for_customer=True, changed=["internal_note", "version", "updated_at"]), False),
    ],
)
def test_customer_hears_of_their_own_record_as_they_may_see_it(told: StoredEvent, hears: bool) -> None:
    own = listener(Channel.INTERNET, customer_id=CUSTOMER)
    assert [each["data"] for each in payloads(own, told)] == [{"id": str(CUSTOMER), "given_name": "İğşı"}] * hears
    assert payloads(listener(Channel.INTERNET, customer_id=new_id()), told) == []


def test_partner_hears_only_of_what_it_could_see_then() -> None:
    own = listener(Channel.EXTRANET, partner_id=PARTNER)
    assert len(payloads(own, event(partners=[PARTNER, new_id()]))) == 1
    assert payloads(own, event(partners=[new_id()])) == []


def test_what_sync_tells_stays_inside() -> None:
    told = event("sync.run.failed", record={"id": "1", "error": "İşlem durdu"})
    assert [each["data"]["error"] for each in payloads(listener(Channel.INTRANET), told)] == ["İşlem durdu"]
    for outside in (listener(Channel.EXTRANET, partner_id=PARTNER), listener(Channel.INTERNET, customer_id=CUSTOMER)):
        assert payloads(outside, told) == []


def test_what_a_product_cost_us_leaves_the_house_in_no_message() -> None:
    told = event("interaction.created", record={"id": "1", "cost": {"value": "1"}, "products": [LINE]},
                 partners=[PARTNER])  # fmt: skip
    (outside,) = payloads(listener(Channel.EXTRANET, partner_id=PARTNER), told)
    (inside,) = payloads(listener(Channel.INTRANET), told)
    assert (set(outside["data"]), "unit_cost" in outside["data"]["products"][0]) == ({"id", "products"}, False)
    assert inside["data"]["products"] == [LINE]


def test_body_names_its_event() -> None:
    told = event()
    (body,) = payloads(listener(Channel.INTRANET), told)
    assert set(body) == {"id", "type", "occurred_at", "data"}
    assert (UUID(body["id"]), body["type"], body["occurred_at"][-1]) == (told.id, told.type, "Z")


@pytest.mark.parametrize("table", ["webhook_endpoints", "webhook_deliveries", "webhook_attempts"])
def test_database_itself_hides_other_partners_rows(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver, table: str
) -> None:
    register(cast.eskisehir, "customer.updated")
    rename(cast)
    deliver()
    seen = []
    for api in (cast.eskisehir, cast.ankara, cast.ayse):
        with transaction(Caller(api.channel, partner_id=api.partner_id)) as tx:
            row = tx.raw.execute(f"SELECT count(*) FROM {table}").fetchone()
            seen.append(row and row[0])
    assert seen == [1, 0, 1]


def test_upkeep_removes_what_hung_on_an_endpoint_deleted_long_ago(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    endpoint = register(cast.ayse, "customer.updated")
    kept = register(cast.ayse, "customer.updated")
    rename(cast)
    deliver()
    with transaction(Caller.system("test")) as tx:
        service.delete(tx, UUID(endpoint["id"]))
        tx.session.flush()
        tx.raw.execute(
            "UPDATE webhook_endpoints SET deleted_at = now() - interval '31 days' WHERE deleted_at IS NOT NULL"
        )
    jobs.forget_deleted_endpoints()
    with transaction(Caller.system("test")) as tx:
        for table, column in (("endpoints", "id"), ("deliveries", "endpoint_id"), ("attempts", "endpoint_id")):
            assert tx.raw.execute(f"SELECT {column} FROM webhook_{table}").fetchall() == [(UUID(kept["id"]),)]
