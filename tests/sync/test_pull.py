"""Pulling: what a partner says arrives once, whatever happens."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.customers import service as customers
from gateway.db import transaction
from gateway.sync import incoming
from gateway.sync.incoming import Outlook
from tests.conftest import Cast
from tests.sync.conftest import SYSTEM, Dealer, rows

PHONE = {"kind": "phone", "value": "0532 111 22 33"}


def shown(cast: Cast, dealer: Dealer, external_id: str) -> dict[str, Any]:
    """A dealer's customer as Ayşe sees it."""
    answer = cast.ayse.get(f"/customers/{dealer.record('customers', external_id)}")
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def test_customers_and_interactions_of_a_dealer_arrive(dealer: Dealer, cast: Cast) -> None:
    customer = dealer.add_customer("İpek", contact_points=[PHONE])
    interaction = dealer.add_interaction(customer, amount={"value": "1250.5", "currency": "TRY"})
    run = dealer.sync()
    assert (run.status, run.error) == ("succeeded", None)
    person = cast.eskisehir.get(f"/customers/{dealer.record('customers', customer)}").get_json()
    assert person["display_name"] == "İpek Yıldız" and person["contact_points"][0]["value"] == "+905321112233"
    told = cast.eskisehir.get(f"/interactions/{dealer.record('interactions', interaction)}").get_json()
    assert told["amount"] == {"value": "1250.50", "currency": "TRY"} and told["partner"] == "eskisehir"


def test_another_partner_sees_nothing_of_what_a_dealer_brought(dealer: Dealer, cast: Cast) -> None:
    customer = dealer.add_customer()
    dealer.sync()
    assert cast.ankara.get(f"/customers/{dealer.record('customers', customer)}").status_code == 404


def test_pulled_customers_are_found_by_name_and_phone(dealer: Dealer, cast: Cast) -> None:
    dealer.add_customer("Işıl", contact_points=[PHONE])
    dealer.sync()
    found = [cast.ayse.get(f"/customers?q={words}").get_json()["items"] for words in ("isil", "0532 111 22 33")]
    assert [[each["given_name"] for each in items] for items in found] == [["Işıl"], ["Işıl"]]


def test_the_same_again_writes_nothing(dealer: Dealer) -> None:
    for name in ("Ali", "Ayşe", "İsmet", "Ömer", "Ülkü"):
        dealer.add_interaction(dealer.add_customer(name, contact_points=[PHONE]))
    dealer.sync()
    written = "SELECT xmin::text, version FROM customers UNION ALL SELECT xmin::text, version FROM interactions"
    before = rows(written), rows("SELECT count(*) FROM events")
    dealer_cursorless(dealer)
    again = dealer.sync()
    assert (rows(written), rows("SELECT count(*) FROM events")) == before and dealer.writes() == []
    counts = again.streams["customers"]
    assert (counts["read"], counts["unchanged"], counts["created"], counts["changed"]) == (5, 5, 0, 0)


def dealer_cursorless(dealer: Dealer) -> None:
    """Forget how far the link has read, so that everything comes again."""
    rows("DELETE FROM sync_cursors WHERE link_id = :link RETURNING 1", link=dealer.link_id)


def test_a_change_at_the_dealer_changes_that_alone(dealer: Dealer, cast: Cast) -> None:
    customer = dealer.add_customer("Gül", contact_points=[PHONE], attributes={"body_type": "sedan"})
    dealer.sync()
    before = shown(cast, dealer, customer)
    dealer.system.change("customers", customer, {"family_name": "Şahin"})
    assert dealer.sync().streams["customers"]["changed"] == 1
    after = shown(cast, dealer, customer)
    assert (after["display_name"], after["version"]) == ("Gül Şahin", 2)
    assert after["contact_points"] == before["contact_points"], "a contact point that stays keeps its id"
    changed = rows("SELECT changed FROM events WHERE type = 'customer.updated'")
    assert sorted(changed[0][0]) == ["display_name", "family_name"]


def test_a_new_version_of_the_same_content_is_no_change(dealer: Dealer, cast: Cast) -> None:
    customer = dealer.add_customer()
    dealer.sync()
    dealer.system.change("customers", customer, {})
    counts = dealer.sync().streams["customers"]
    assert (counts["changed"], counts["unchanged"]) == (0, 1)
    assert rows("SELECT version FROM sync_references") == [("2",)], "the next push must know the newest version"


@pytest.mark.parametrize(
    ("poison", "pointer"),
    [
        ({"kind": "robot"}, "/kind"),
        ({"family_name": "x\x00y"}, "/family_name"),
        ({"tax_id": "10000000000"}, "/tax_id"),
        ({"contact_points": [{"kind": "email", "value": "nobody"}]}, "/contact_points/0/value"),
        ({"attributes": {"a": [[[[[[[[[["deep"]]]]]]]]]]}}, "/attributes"),
    ],
)
def test_a_poisoned_record_is_kept_with_its_reason_and_the_others_arrive(
    dealer: Dealer, poison: dict[str, Any], pointer: str
) -> None:
    good, bad = dealer.add_customer("İyi"), dealer.add_customer("Kötü", **poison)
    run = dealer.sync()
    assert (run.status, run.streams["customers"]["created"], run.streams["customers"]["rejected"]) == (
        "succeeded", 1, 1,
    )  # fmt: skip
    assert run.streams["customers"]["unchanged"] == 0
    assert dealer.record("customers", good) is not None and dealer.record("customers", bad) is None
    assert rows("SELECT reasons -> 0 ->> 'pointer' FROM sync_rejected") == [(pointer,)]


def test_a_poisoned_record_does_not_pile_up_and_leaves_once_it_is_mended(dealer: Dealer) -> None:
    bad = dealer.add_customer("Kötü", kind="robot")
    dealer.sync()
    dealer_cursorless(dealer)
    dealer.sync()
    assert rows("SELECT external_id, seen FROM sync_rejected") == [(bad, 2)]
    dealer.system.change("customers", bad, {"kind": "person"})
    dealer.sync()
    assert rows("SELECT count(*) FROM sync_rejected") == [(0,)] and dealer.record("customers", bad) is not None


def test_records_without_a_usable_name_are_kept_too(dealer: Dealer) -> None:
    dealer.system.tables["customers"]["x"] = {"external_id": None, "updated_at": dealer.system._tick()}
    dealer.sync()
    assert rows("SELECT external_id, reasons -> 0 ->> 'code' FROM sync_rejected") == [(None, "required")]


def test_an_interaction_that_comes_before_its_customer_waits_for_it(dealer: Dealer) -> None:
    interaction = dealer.add_interaction("C-00002")
    first = dealer.sync()
    assert first.streams["interactions"]["rejected"] == 1
    assert dealer.add_customer() == "C-00002"
    second = dealer.sync()
    assert second.streams["interactions"]["created"] == 1 and dealer.record("interactions", interaction) is not None
    assert rows("SELECT count(*) FROM sync_rejected") == [(0,)]


def test_a_deletion_ends_the_dealers_share_and_removes_its_interactions(dealer: Dealer, cast: Cast) -> None:
    customer = dealer.add_customer()
    interaction = dealer.add_interaction(customer)
    dealer.sync()
    record, told = dealer.record("customers", customer), dealer.record("interactions", interaction)
    dealer.system.remove("interactions", interaction)
    dealer.system.remove("customers", customer)
    run = dealer.sync()
    assert [run.streams[name]["deleted"] for name in ("customers", "interactions")] == [1, 1]
    assert cast.eskisehir.get(f"/customers/{record}").status_code == 404
    assert cast.ayse.get(f"/customers/{record}").status_code == 200
    assert cast.ayse.get(f"/interactions/{told}").status_code == 404
    assert rows(
        "SELECT type FROM events WHERE origin <> '' AND type IN ('customer.unshared', 'interaction.deleted') ORDER BY 1"
    ) == [
        ("customer.unshared",), ("interaction.deleted",),
    ]  # fmt: skip


def test_a_deletion_seen_twice_counts_once(dealer: Dealer) -> None:
    dealer.system.remove("customers", dealer.add_customer())
    dealer.sync()
    customer = dealer.add_customer()
    dealer.sync()
    dealer.system.remove("customers", customer)
    first = dealer.sync()
    dealer_cursorless(dealer)
    assert [first.streams["customers"]["deleted"], dealer.sync().streams["customers"]["deleted"]] == [1, 0]


def test_a_customer_that_comes_back_is_shared_again_as_the_same_record(dealer: Dealer, cast: Cast) -> None:
    customer = dealer.add_customer("Dönen")
    dealer.sync()
    record, kept = dealer.record("customers", customer), dict(dealer.system.tables["customers"][customer])
    dealer.system.remove("customers", customer)
    dealer.sync()
    dealer.system.tables["customers"][customer] = {**kept, "updated_at": dealer.system._tick(), "version": "9"}
    dealer.sync()
    assert dealer.record("customers", customer) == record
    assert cast.eskisehir.get(f"/customers/{record}").status_code == 200


def test_a_cursor_the_partner_forgot_means_a_fresh_start(dealer: Dealer) -> None:
    dealer.add_customer()
    dealer.sync()
    rows("UPDATE sync_cursors SET cursor = 'of another connector' WHERE stream = 'customers' RETURNING 1")
    run = dealer.sync()
    assert (run.status, run.streams["customers"]["unchanged"]) == ("succeeded", 1)


def test_an_interaction_that_moves_to_another_customer_moves_here_too(dealer: Dealer, cast: Cast) -> None:
    first, second = dealer.add_customer("Bir"), dealer.add_customer("İki")
    interaction = dealer.add_interaction(first)
    dealer.sync()
    dealer.system.change("interactions", interaction, {"customer_external_id": second})
    dealer.sync()
    told = cast.ayse.get(f"/interactions/{dealer.record('interactions', interaction)}").get_json()
    assert told["customer_id"] == str(dealer.record("customers", second))


def test_what_costs_the_hub_stays_inside(dealer: Dealer, cast: Cast) -> None:
    line = {"sku": "S-1", "unit_price": "10", "unit_cost": "7"}
    interaction = dealer.add_interaction(dealer.add_customer(), cost={"value": 7, "currency": "TRY"}, products=[line])
    dealer.sync()
    told = cast.eskisehir.get(f"/interactions/{dealer.record('interactions', interaction)}").get_json()
    assert "cost" not in told and "unit_cost" not in told["products"][0] and told["products"][0]["unit_price"] == "10"


def test_number_too_long_for_json_is_rejected_and_still_shown(dealer: Dealer, cast: Cast) -> None:
    dealer.add_customer("Uzun", attributes={"n": 10**30, "x": float("nan")})
    assert dealer.sync().streams["customers"]["rejected"] == 1
    shown = cast.ayse.get("/sync/rejected").get_json()["items"]
    assert shown[0]["raw"]["attributes"] == {"n": str(10**30), "x": None}


def test_a_rejection_is_over_once_the_record_says_again_what_it_said_before(dealer: Dealer) -> None:
    record = dealer.system.tables["customers"][dealer.add_customer()]
    dealer.sync()
    for kind, left in (("robot", 1), ("person", 0)):
        record.update(kind=kind, updated_at=dealer.system._tick())
        dealer.sync()
        assert rows("SELECT count(*) FROM sync_rejected") == [(left,)]


def test_a_dealer_has_no_say_on_a_customer_that_is_not_shared_with_it_any_more(dealer: Dealer, cast: Cast) -> None:
    external_id = dealer.add_customer("Şule")
    dealer.sync()
    record_id = dealer.record("customers", external_id)
    assert record_id is not None
    with transaction(SYSTEM) as tx:
        customers.unshare(tx, record_id, "eskisehir")
    dealer.system.change("customers", external_id, {"given_name": "Değişti"})
    assert dealer.sync().streams["customers"]["changed"] == 0
    assert rows("SELECT given_name FROM customers WHERE id = :id", id=record_id) == [("Şule",)]
    with transaction(SYSTEM) as tx:
        customers.share(tx, record_id, "eskisehir", "sale")
    dealer.sync()
    assert dealer.system.tables["customers"][external_id]["given_name"] == "Şule", "it gets ours again"


def test_only_a_first_round_is_drafted_before_anybody_knows_what_is_new(
    dealer: Dealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare, outlooks = incoming.prepare, []

    def noted(stream: Any, link_id: Any, records: Any, outlook: Outlook) -> list[Any]:
        outlooks.append(outlook.is_new)
        return prepare(stream, link_id, records, outlook)

    monkeypatch.setattr(incoming, "prepare", noted)
    dealer.add_customer("İdil")
    dealer.sync()
    first, outlooks[:] = list(outlooks), []
    dealer.sync()
    assert all(first) and outlooks and not any(outlooks)
