"""A page of customers is told of as its rows are stored."""

from __future__ import annotations

from datetime import UTC, date, datetime

import orjson
import pytest

from gateway.bulk import as_json
from gateway.channels import Caller
from gateway.customers import bulk
from gateway.db import new_id, now, transaction
from gateway.partners import service as partners
from gateway.provenance import Source, born

SAID = {
    "kind": "person", "given_name": 'Işıl "Can"', "family_name": "Öğüt\\Şen", "birth_date": date(1980, 2, 29),
    "contact_points": [
        {"kind": "email", "value": "isil@example.com", "verified_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"kind": "address", "address": {"city": "İstanbul", "line1": "Çarşı\tSok.\n1"}},
    ],
    "identifiers": [{"system": "erp", "value": "\\N"}], "attributes": {"renk": "kırmızı", "oran": 1.5, "yok": None},
}  # fmt: skip


@pytest.mark.usefixtures("app")
def test_event_of_a_new_customer_tells_the_whole_record_as_it_is_stored() -> None:
    row = bulk.build(SAID) | {"id": new_id(), "sources": born(Source("hub:system", now()))}
    with transaction(Caller.system("test")) as tx:
        partner = partners.add(tx, "bayi", "Bayi", [])
        bulk.create(tx, [row], partner.id)
        stored = bulk.wire_form(bulk.fetch(tx, [row["id"]])[row["id"]])
        asked = "SELECT type, record, partners, is_for_customer, actor FROM events WHERE resource_id = %s"
        told = tx.raw.execute(asked, (row["id"],)).fetchall()
        assert told == [
            ("customer.created", orjson.loads(as_json(stored)), [partner.id], True, tx.caller.actor),
        ]
