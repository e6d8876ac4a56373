"""Sync and merges: partners keep their own ids, nothing is lost, and nothing goes to and fro."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pytest
from werkzeug.wrappers import Request, Response

from gateway.channels import Caller, Channel
from gateway.customers import service as customers
from gateway.db import Transaction, transaction
from gateway.identity.merging import service as merging
from gateway.identity.merging.service import Wish
from gateway.sync import here, plan
from tests.conftest import Cast
from tests.sync.conftest import SYSTEM, Dealer, rows

STEWARD = Caller(Channel.INTRANET, client_id="portal")


def merge(keep_id: UUID, lose_id: UUID) -> UUID:
    with transaction(STEWARD) as tx:
        return merging.merge(tx, Wish(keep_id, lose_id, {})).id


def undo(merge_id: UUID) -> list[str]:
    with transaction(STEWARD) as tx:
        return merging.undo(tx, merge_id).stayed


def made_here(**fields: Any) -> UUID:
    with transaction(STEWARD) as tx:
        made: UUID = customers.create(tx, {"kind": "person", "given_name": "Şule", **fields})["id"]
        return made


def edit(customer_id: UUID, **patch: Any) -> None:
    with transaction(STEWARD) as tx:
        [(version,)] = tx.raw.execute("SELECT version FROM customers WHERE id = %s", [customer_id]).fetchall()
        customers.change(tx, customer_id, patch, version)


def value(customer_id: UUID, name: str) -> Any:
    return rows(f"SELECT {name} FROM customers WHERE id = :id", id=customer_id)[0][0]


def known(dealer: Dealer, external_id: str) -> UUID:
    record_id = dealer.record("customers", external_id)
    assert record_id is not None
    return record_id


@pytest.fixture
def names(dealer: Dealer) -> list[str]:
    """The dealer's two records of one Şule."""
    found = [dealer.add_customer("Şule"), dealer.add_customer("Sule", birth_date="1990-01-02")]
    dealer.sync()
    return found


def test_partner_goes_on_under_its_own_id(dealer: Dealer) -> None:
    name = dealer.add_customer("Sule")
    dealer.sync()
    lose_id, keep_id = known(dealer, name), made_here(family_name="Yıldız", status="prospect", locale="tr-TR")
    merge(keep_id, lose_id)
    dealer.sync()
    dealer.system.change("customers", name, {"given_name": "Şulenur"})
    dealer.sync()
    assert (known(dealer, name), value(keep_id, "given_name")) == (keep_id, "Şulenur")
    assert dealer.writes() == [f"PATCH /customers/{name}"]
    assert dealer.system.records("customers")[0]["locale"] == "tr-TR"


def test_two_records_of_one_partner_do_not_write_to_each_other(dealer: Dealer, names: list[str]) -> None:
    kept, alias = names
    merge(known(dealer, kept), known(dealer, alias))
    dealer.sync()
    written = dealer.writes()
    dealer.sync()
    dealer.sync("full")
    assert dealer.writes() == written == [f"PATCH /customers/{kept}"]
    assert known(dealer, kept) == known(dealer, alias)


def test_both_records_are_heard_in_one_page(dealer: Dealer, names: list[str]) -> None:
    keep_id = known(dealer, names[0])
    merge(keep_id, known(dealer, names[1]))
    dealer.sync()
    dealer.system.change("customers", names[0], {"given_name": "Şulenur"})
    dealer.system.change("customers", names[1], {"family_name": "Ay"})
    run = dealer.sync()
    assert run.status == "succeeded"
    assert value(keep_id, "display_name") == "Şulenur Ay"


def test_interaction_with_either_record_is_the_survivors(dealer: Dealer, names: list[str]) -> None:
    keep_id = known(dealer, names[0])
    merge(keep_id, known(dealer, names[1]))
    found = [dealer.add_interaction(name) for name in names]
    dealer.sync()
    about = {rows("SELECT customer_id FROM interactions WHERE id = :id", id=dealer.record("interactions", each))[0][0]
             for each in found}  # fmt: skip
    assert about == {keep_id}


@pytest.mark.parametrize("gone", [0, 1])
def test_share_lasts_as_long_as_the_partner_has_one_of_both(dealer: Dealer, names: list[str], gone: int) -> None:
    keep_id = known(dealer, names[0])
    merge(keep_id, known(dealer, names[1]))
    dealer.sync()
    dealer.system.remove("customers", names[gone])
    dealer.sync()
    edit(keep_id, given_name="Şulenur")
    dealer.sync()
    left = names[1 - gone]
    assert dealer.system.records("customers")[0]["given_name"] == "Şulenur"
    assert dealer.writes()[-1] == f"PATCH /customers/{left}"
    dealer.system.remove("customers", left)
    dealer.sync()
    assert rows("SELECT 1 FROM shares WHERE customer_id = :id", id=keep_id) == []


def test_undo_gives_the_partner_its_records_back(dealer: Dealer, names: list[str]) -> None:
    before = rows("SELECT external_id, record_id, alias_of FROM sync_references ORDER BY 1")
    keep_id, lose_id = known(dealer, names[0]), known(dealer, names[1])
    merge_id = merge(keep_id, lose_id)
    dealer.sync()
    about_lost = dealer.add_interaction(names[1])
    dealer.sync()
    assert undo(merge_id) == []
    after = rows("SELECT external_id, record_id, alias_of FROM sync_references WHERE stream = 'customers' ORDER BY 1")
    [(customer_id,)] = rows(
        "SELECT customer_id FROM interactions WHERE id = :id", id=dealer.record("interactions", about_lost)
    )
    assert (after, customer_id) == (before, lose_id)


def test_undo_of_merges_of_merges_gives_back_what_was_said_under_each_name(dealer: Dealer, names: list[str]) -> None:
    third = dealer.add_customer("Şulenur")
    dealer.sync()
    middle_id, first_id = known(dealer, names[0]), known(dealer, names[1])
    merges = [merge(middle_id, first_id), merge(known(dealer, third), middle_id)]
    dealer.sync()
    told = dealer.add_interaction(names[1])
    dealer.sync()
    about = []
    for merge_id in reversed(merges):
        undo(merge_id)
        about += rows("SELECT customer_id FROM interactions WHERE id = :id", id=dealer.record("interactions", told))
    assert about == [(middle_id,), (first_id,)]


def test_undo_after_the_alias_took_its_place_gives_back_each_name(dealer: Dealer, names: list[str]) -> None:
    before = rows("SELECT external_id, record_id FROM sync_references ORDER BY 1")
    merge_id = merge(known(dealer, names[0]), known(dealer, names[1]))
    dealer.system.remove("customers", names[0])
    dealer.sync()
    undo(merge_id)
    assert rows("SELECT external_id, record_id FROM sync_references ORDER BY 1") == before


def test_undo_gives_back_an_alias_that_took_the_place_of_the_lost_ones_name(dealer: Dealer, names: list[str]) -> None:
    lose_id, keep_id = known(dealer, names[0]), made_here(family_name="Işık")
    merge(lose_id, known(dealer, names[1]))
    merge_id = merge(keep_id, lose_id)
    dealer.system.remove("customers", names[0])
    dealer.sync()
    undo(merge_id)
    assert known(dealer, names[1]) == lose_id
    edit(lose_id, family_name="Ay")
    dealer.sync()
    assert [each["family_name"] for each in dealer.system.records("customers")] == ["Ay"]


def test_after_undo_each_record_hears_of_its_own_customer(dealer: Dealer, names: list[str]) -> None:
    keep_id, lose_id = known(dealer, names[0]), known(dealer, names[1])
    merge_id = merge(keep_id, lose_id)
    dealer.sync()
    undo(merge_id)
    edit(lose_id, family_name="Ay")
    dealer.sync()
    there = {each["external_id"]: each["family_name"] for each in dealer.system.records("customers")}
    assert there == {names[0]: "Yıldız", names[1]: "Ay"}


def test_page_that_meets_a_merge_writes_the_survivor(dealer: Dealer, monkeypatch: pytest.MonkeyPatch) -> None:
    name = dealer.add_customer("Şule")
    dealer.sync()
    keep_id, look, merged = made_here(family_name="Yıldız"), here.look, list[UUID]()

    def merge_first(tx: Transaction, link: Any, stream: Any, ids: Iterable[UUID], *, lock: bool) -> Any:
        merged.extend(() if merged else [merge(keep_id, known(dealer, name))])
        return look(tx, link, stream, ids, lock=lock)

    dealer.system.change("customers", name, {"given_name": "Şulenur"})
    monkeypatch.setattr(plan, "look", merge_first)
    dealer.sync()
    assert (len(merged), value(keep_id, "given_name")) == (1, "Şulenur")
    assert rows("SELECT 1 FROM sync_rejected") == []


def test_new_name_that_arrives_after_the_merge_is_the_survivors(dealer: Dealer) -> None:
    lose_id, keep_id = made_here(), made_here(family_name="Yıldız")
    with transaction(STEWARD) as tx:
        customers.share(tx, lose_id, "eskisehir", "sale")

    def merge_meanwhile(request: Request, answer: Response) -> Response:
        if request.method == "POST":
            merge(keep_id, lose_id)
        return answer

    dealer.moody.after = merge_meanwhile
    dealer.sync()
    dealer.moody.after = lambda request, answer: answer
    dealer.sync()
    [there] = dealer.system.records("customers")
    assert (there["family_name"], known(dealer, there["external_id"])) == ("Yıldız", keep_id)


def test_shared_past_of_the_lost_one_goes_to_who_saw_only_the_survivor(dealer: Dealer, cast: Cast) -> None:
    name = dealer.add_customer()
    dealer.sync()
    lose_id = made_here()
    said = {
        "customer_id": str(lose_id),
        "channel": "store",
        "kind": "offer",
        "direction": "out",
        "visibility": "shared",
    }
    assert cast.ayse.post("/interactions", said).status_code == 201
    merge_id = merge(known(dealer, name), lose_id)
    dealer.sync()
    assert [each["customer_external_id"] for each in dealer.system.records("interactions")] == [name]
    undo(merge_id)
    wished = rows("SELECT record_id, op, due_at FROM sync_operations")
    undo(merge(known(dealer, name), lose_id))
    assert rows("SELECT record_id, op, due_at FROM sync_operations") == wished, "one that waits is not wished again"
    dealer.sync()
    assert dealer.system.records("interactions") == []


def test_what_was_sent_before_the_merge_stays_there_at_its_undo(dealer: Dealer, cast: Cast) -> None:
    name, lose_id = dealer.add_customer(), made_here()
    with transaction(STEWARD) as tx:
        customers.share(tx, lose_id, "eskisehir", "sale")
    said = {"customer_id": lose_id, "channel": "store", "kind": "offer", "direction": "out", "visibility": "shared"}
    assert cast.ayse.post("/interactions", said).status_code == 201
    dealer.sync()
    with transaction(STEWARD) as tx:
        customers.unshare(tx, lose_id, "eskisehir")
    dealer.sync()
    undo(merge(known(dealer, name), lose_id))
    assert rows("SELECT 1 FROM sync_operations WHERE op = 'delete'") == []
    assert len(dealer.system.records("interactions")) == 1


def test_open_conflicts_and_writes_move_along(dealer: Dealer, names: list[str]) -> None:
    keep_id, lose_id = known(dealer, names[0]), known(dealer, names[1])
    with transaction(SYSTEM) as tx:
        for record_id, field in ((keep_id, "locale"), (lose_id, "locale"), (lose_id, "owner")):
            tx.raw.execute(
                "INSERT INTO sync_conflicts (id, link_id, stream, record_id, customer_id, field, base, ours, theirs, "
                "our_source, rule, status, created_at, updated_at) VALUES (gen_random_uuid(), %s, 'customers', %s, %s, "
                "%s, 'null', 'null', 'null', 'hub', 'manual', 'open', now(), now())",
                [dealer.link_id, record_id, record_id, field],
            )
    listed = "SELECT record_id, customer_id, field FROM sync_conflicts ORDER BY record_id, field"
    before = rows(listed)
    merge_id = merge(keep_id, lose_id)
    assert rows(listed) == [(keep_id, keep_id, "locale"), (keep_id, keep_id, "owner")]
    undo(merge_id)
    assert rows(listed) == before
