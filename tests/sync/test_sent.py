"""What was written to a partner's system is told to the person, also after the link has gone."""

from __future__ import annotations

from gateway.customers import service as customers
from gateway.db import transaction
from tests.conftest import Cast
from tests.sync.conftest import SYSTEM, Dealer


def test_what_was_pushed_to_a_dealer_stands_in_the_register(dealer: Dealer, cast: Cast) -> None:
    with transaction(SYSTEM) as tx:
        customers.share(tx, cast.cem_id, "eskisehir", "sale")
    dealer.sync()
    told = cast.cem.get("/disclosures").get_json()["items"]
    assert [(each["partner"], each["what"]) for each in told if each["way"] == "sync"] == [("eskisehir", "customers")]
