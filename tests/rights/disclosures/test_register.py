"""What went to whom is known, also when what it went with is gone; the person sees it, and nobody else's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.channels import Caller
from gateway.customers import service as customers
from gateway.customers.reads import filing
from gateway.db import Query, new_id, now, transaction
from gateway.webhooks.models import Delivery
from tests.conftest import Api, Cast

SYSTEM = Caller.system("test")


def register_of(cast: Cast) -> dict[tuple[str, str, str], dict[str, Any]]:
    """What Cem sees of what went to whom, by partner, way and what."""
    answer = cast.cem.get("/disclosures")
    assert answer.status_code == 200, answer.text
    return {(each["partner"], each["way"], each["what"]): each for each in answer.get_json()["items"]}


def deliver(cast: Cast) -> None:
    """A message about Cem that reached Eskişehir."""
    wish = {"url": "https://127.0.0.1/kopru", "event_types": ["customer.*"], "description": ""}
    endpoint = cast.eskisehir.post("/webhooks/endpoints", wish).get_json()["id"]
    told = {"event_id": new_id(), "type": "customer.updated", "payload": None, "due_at": now(), "status": "delivered"}
    with transaction(SYSTEM) as tx:
        tx.session.add(Delivery(id=new_id(), endpoint_id=UUID(endpoint), customer_id=cast.cem_id, **told))


def delete(table: str) -> None:
    with transaction(SYSTEM) as tx:
        assert tx.run(Query(text(f"DELETE FROM {table}"))) > 0


def test_a_share_is_told_with_its_ground_while_it_lasts_and_after(cast: Cast) -> None:
    assert register_of(cast)["eskisehir", "share", "sale"]["last_at"] is None
    with transaction(SYSTEM) as tx:
        customers.unshare(tx, cast.cem_id, "eskisehir")
    assert register_of(cast)["eskisehir", "share", "sale"]["last_at"] is not None


def test_what_a_partner_read_is_told_also_when_the_log_is_gone(cast: Cast) -> None:
    for _ in range(2):
        cast.eskisehir.get(f"/customers/{cast.cem_id}")
    before = register_of(cast)["eskisehir", "read", "customers"]
    delete("access_log")
    assert register_of(cast)["eskisehir", "read", "customers"] == before
    assert (before["times"], before["organisation"]) == (2, "Eskişehir Oto")


def test_what_staff_read_is_no_disclosure(cast: Cast) -> None:
    cast.ayse.get(f"/customers/{cast.cem_id}")
    assert {way for _, way, _ in register_of(cast)} == {"share"}


def test_messages_that_were_delivered_are_told_also_when_they_are_gone(cast: Cast) -> None:
    deliver(cast)
    deliver(cast)
    before = register_of(cast)["eskisehir", "webhook", "customer.updated"]
    delete("webhook_deliveries")
    deliver(cast)
    after = register_of(cast)["eskisehir", "webhook", "customer.updated"]
    assert (before["times"], after["times"], after["first_at"]) == (2, 3, before["first_at"])


def test_nobody_sees_what_went_out_of_somebody_else(cast: Cast) -> None:
    other = cast.ayse.post("/customers", {"kind": "person", "given_name": "Şule"}).get_json()["id"]
    cast.ayse.post(f"/customers/{other}/shares", {"partner": "ankara", "ground": "service"})
    assert {partner for partner, _, _ in register_of(cast)} == {"eskisehir"}
    assert cast.cem.get(f"/customers/{other}/disclosures").status_code == 404
    stranger = Caller(cast.eskisehir.channel, partner_id=cast.eskisehir.partner_id)
    with transaction(stranger) as tx:
        assert tx.rows(Query(text("SELECT * FROM disclosed(:id)")), id=cast.cem_id) == []


def test_staff_sees_the_same_page_by_page(cast: Cast) -> None:
    cast.eskisehir.get(f"/customers/{cast.cem_id}")
    deliver(cast)
    path, seen = f"/customers/{cast.cem_id}/disclosures?limit=1", []
    cursor = ""
    while True:
        page = cast.ayse.get(path + cursor).get_json()
        seen += [each["way"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert sorted(seen) == ["read", "share", "webhook"]


def test_a_read_that_is_not_filed_yet_is_told(cast: Cast) -> None:
    with transaction(SYSTEM) as tx:
        filing.file(tx)
    _read_as_partner(cast.eskisehir, cast.cem_id)
    assert ("eskisehir", "read", "customers") in register_of(cast)


def _read_as_partner(api: Api, customer_id: UUID) -> None:
    assert api.get(f"/customers/{customer_id}").status_code == 200
