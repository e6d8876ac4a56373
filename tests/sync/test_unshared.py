"""A partner that lost a customer records nothing new with it by its system, as it could not by the API either."""

from __future__ import annotations

from uuid import UUID

import pytest

from gateway.customers import service as customers
from gateway.db import transaction
from tests.conftest import Cast
from tests.sync.conftest import SYSTEM, Dealer, rows

ABOUT = "SELECT subject FROM interactions WHERE customer_id = :id ORDER BY subject"


@pytest.fixture
def lost(dealer: Dealer) -> tuple[str, UUID]:
    """A customer of the dealer's that is not shared with it any more: its name there, and our record."""
    name = dealer.add_customer("Şule")
    dealer.add_interaction(name, subject="Eski")
    dealer.sync()
    record_id = dealer.record("customers", name)
    assert record_id is not None
    with transaction(SYSTEM) as tx:
        customers.unshare(tx, record_id, "eskisehir")
    return name, record_id


def share_again(record_id: UUID) -> None:
    with transaction(SYSTEM) as tx:
        customers.share(tx, record_id, "eskisehir", "sale")


def test_dealer_records_nothing_new_with_a_customer_it_lost(dealer: Dealer, cast: Cast, lost: tuple[str, UUID]) -> None:
    dealer.add_interaction(lost[0], subject="Yeni")
    assert dealer.sync().streams["interactions"]["rejected"] == 1
    [kept] = cast.ayse.get("/sync/rejected").get_json()["items"]
    assert (rows(ABOUT, id=lost[1]), kept["reasons"][0]["code"]) == ([("Eski",)], "unknown_customer")


def test_dealer_goes_on_answering_for_what_it_recorded_before(dealer: Dealer, lost: tuple[str, UUID]) -> None:
    [(before,)] = [(each["external_id"],) for each in dealer.system.records("interactions")]
    dealer.system.change("interactions", before, {"subject": "Düzeltildi"})
    assert dealer.sync().streams["interactions"]["changed"] == 1
    assert rows(ABOUT, id=lost[1]) == [("Düzeltildi",)]


def test_dealer_cannot_move_an_interaction_to_a_customer_it_lost(dealer: Dealer, lost: tuple[str, UUID]) -> None:
    moved = dealer.add_interaction(dealer.add_customer("Çağla"), subject="Kaçak")
    dealer.sync()
    dealer.system.change("interactions", moved, {"customer_external_id": lost[0]})
    assert dealer.sync().streams["interactions"]["rejected"] == 1
    assert rows(ABOUT, id=lost[1]) == [("Eski",)]


def test_what_waited_is_taken_once_the_customer_is_shared_again(dealer: Dealer, lost: tuple[str, UUID]) -> None:
    dealer.add_interaction(lost[0], subject="Yeni")
    dealer.sync()
    assert dealer.sync().status == "succeeded", "what is not ripe is not tried for ever"
    share_again(lost[1])
    dealer.sync()
    assert rows(ABOUT, id=lost[1]) == [("Eski",), ("Yeni",)] and rows("SELECT 1 FROM sync_rejected") == []
