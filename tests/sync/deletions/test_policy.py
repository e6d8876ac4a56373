"""What becomes of a customer its partner deleted, by the link's policy."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Cast
from tests.sync.conftest import Dealer, rows


@pytest.fixture
def keeper(dealer: Dealer, cast: Cast) -> Dealer:
    """The dealer, on a link that keeps what it deletes."""
    address = f"/sync/links/{dealer.link_id}"
    answer = cast.ayse.patch(address, {"deletion_policy": "deactivate"}, version=1)
    assert answer.get_json()["deletion_policy"] == "deactivate", answer.text
    return dealer


def status_of(cast: Cast, dealer: Dealer, external_id: str) -> Any:
    """The status as the dealer's own staff see it."""
    [(record,)] = rows("SELECT record_id FROM sync_references WHERE external_id = :id", id=external_id)
    return cast.eskisehir.get(f"/customers/{record}").get_json().get("status")


def come_back(dealer: Dealer, kept: dict[str, Any]) -> None:
    dealer.system.tables["customers"][kept["external_id"]] = {**kept, "updated_at": dealer.system._tick()}
    dealer.sync()


def test_a_deleted_customer_turns_inactive_and_stays_shared(keeper: Dealer, cast: Cast) -> None:
    customer = keeper.add_customer()
    interaction = keeper.add_interaction(customer)
    keeper.sync()
    keeper.system.remove("interactions", interaction)
    keeper.system.remove("customers", customer)
    assert keeper.sync().streams["customers"]["deleted"] == 1
    assert status_of(cast, keeper, customer) == "inactive"
    assert rows("SELECT count(*) FROM interactions") == [(1,)] and keeper.writes() == []
    told = rows("SELECT sources -> 'status' ->> 0 FROM customers WHERE given_name = 'Şule'")
    assert told == [(str(keeper.link_id),)], "who set it inactive is kept"


@pytest.mark.parametrize("status", ["active", "prospect", "inactive"])
def test_a_customer_that_comes_back_is_what_it_was(keeper: Dealer, cast: Cast, status: str) -> None:
    customer = keeper.add_customer()
    keeper.sync()
    rows("UPDATE customers SET status = :status WHERE given_name = 'Şule' RETURNING 1", status=status)
    kept = keeper.system.tables["customers"][customer]
    keeper.system.remove("customers", customer)
    keeper.sync()
    assert status_of(cast, keeper, customer) == "inactive"
    come_back(keeper, kept)
    assert status_of(cast, keeper, customer) == status


def test_the_partners_word_on_a_customer_that_comes_back_counts(keeper: Dealer, cast: Cast) -> None:
    customer = keeper.add_customer()
    keeper.sync()
    kept = keeper.system.tables["customers"][customer]
    keeper.system.remove("customers", customer)
    keeper.sync()
    come_back(keeper, {**kept, "status": "prospect"})
    assert status_of(cast, keeper, customer) == "prospect"


def test_no_policy_erases(dealer: Dealer, cast: Cast) -> None:
    answer = cast.ayse.patch(f"/sync/links/{dealer.link_id}", {"deletion_policy": "erase"}, version=1)
    assert answer.status_code == 422 and answer.get_json()["errors"][0]["pointer"] == "/deletion_policy"
