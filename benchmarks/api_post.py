"""`api.post`: POST of an interaction with an Idempotency-Key by a partner's system, as a share of the floor's rate.

Against `benchmarks.floor.api`, which sends the product's own statements in one transaction: look for the key, insert
where the customer is shared, event, audit entry, keep the answer, commit to disk (fsync is on). On 100,000 customers
with 500,000 interactions: 20,000 random pairs of a partner and its customer, a key of its own for each request, 16
connections. Fair because statements and answers are compared before measuring; the floor leaves out reading the JSON
strictly, the schema, and every rule about who may write what.
"""

from __future__ import annotations

import json
from typing import Any

from benchmarks.comparison import Comparison
from benchmarks.load import Wanted
from benchmarks.results import at_least
from benchmarks.stage import Database

_PAIRS = "SELECT partner_id, customer_id FROM shares ORDER BY md5(customer_id::text || partner_id) LIMIT 20000"
_SAID = {
    "channel": "phone", "kind": "purchase", "direction": "in", "subject": "Sedan için fiyat",
    "body": "Müşteri aradı; sedan için fiyat soruldu ve kendisine yarın öğleden sonra dönüleceği söylendi.",
    "satisfaction": 5, "amount": {"value": "1250000.00", "currency": "TRY"},
    "products": [{"sku": "S-1", "name": "Sedan 1.5", "quantity": "1", "unit_price": "1250000"}],
}  # fmt: skip


def ask(database: Database, headers: dict[str, str]) -> list[Wanted]:
    """Each partner tells of one of its customers."""
    return [
        Wanted(
            "POST",
            "/extranet/v1/interactions",
            headers[str(partner_id)],
            "application/json",
            json.dumps({"customer_id": str(customer_id), **_SAID}),
        )
        for partner_id, customer_id in database.ask(_PAIRS)
    ]


def without(answer: Any) -> Any:
    """Ids and times of two different interactions differ."""
    return {name: value for name, value in answer.items() if name != "id" and not name.endswith("_at")}


BENCHMARK = Comparison("api.post", at_least(0.40), "api", ask, "INSERT INTO interactions", without)
