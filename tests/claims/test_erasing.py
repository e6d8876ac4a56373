"""Who is erased leaves nothing in claims: neither as a customer nor as somebody whom a partner described."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from gateway.channels import Caller
from gateway.customers import erasing
from gateway.customers.erasing import Erasing, Traces
from gateway.db import new_id, transaction
from tests.claims.conftest import ISIL, claim
from tests.conftest import Cast
from tests.sync.conftest import rows

OTHER = {**ISIL, "contact_points": [{"kind": "phone", "value": "+905329998877"}]}


def forget(customer_id: str, *values: str) -> int:
    person = Erasing(new_id(), (UUID(customer_id),), datetime.now(UTC), Traces(values=frozenset(values)))
    [claims] = [each for each in erasing.registered() if each.name == "claims"]
    with transaction(Caller.system("test")) as tx:
        assert claims.count(tx, person) == claims.forget(tx, person)
        return claims.count(tx, person)


def test_claims_to_the_erased_and_of_the_erased_go(cast: Cast) -> None:
    own = str(cast.ankara.post("/customers", ISIL).get_json()["id"])
    claim(cast.ankara, customer_id=own)
    claim(cast.eskisehir)
    kept = claim(cast.eskisehir, person=OTHER)
    assert forget(own, "+905321112233") == 0
    assert rows("SELECT id FROM claims") == [(UUID(kept["id"]),)]
