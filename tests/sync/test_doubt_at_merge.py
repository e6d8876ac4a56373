"""A create whose answer was lost, of a customer that becomes part of another one before anybody asked for it."""

from __future__ import annotations

from uuid import UUID

from werkzeug.wrappers import Response

from gateway.customers import service as customers
from gateway.db import transaction
from gateway.sync import jobs
from tests.sync.conftest import SYSTEM, Dealer, make_due, rows, run_of
from tests.sync.test_moving import edit, known, made_here, merge, undo, value
from tests.sync.test_recognition import lose_answer

CUSTOMERS = "SELECT count(*) FROM customers WHERE given_name LIKE 'Şule%'"


def share(customer_id: UUID) -> None:
    with transaction(SYSTEM) as tx:
        customers.share(tx, customer_id, "eskisehir", "sale")


def in_doubt(dealer: Dealer, *names: str) -> list[UUID]:
    """Customers made here that the dealer has, with nobody knowing of it."""
    made = [made_here(family_name=name) for name in names]
    for customer_id in made:
        share(customer_id)
    dealer.moody.after = lose_answer
    dealer.sync()
    assert rows("SELECT count(*) FROM sync_operations WHERE sent_at IS NOT NULL") == [(len(made),)]
    dealer.moody.after = lambda request, response: response
    return made


def go_on(dealer: Dealer) -> None:
    """The run that waits, or a new one, worked on once."""
    waiting = rows("SELECT id FROM sync_runs WHERE status = 'queued'")
    run_id = waiting[0][0] if waiting else dealer.ask()
    make_due(run_id)
    rows("UPDATE sync_operations SET due_at = now() WHERE state = 'open' RETURNING 1")
    jobs.run(str(run_id))


def settle(dealer: Dealer) -> None:
    """Runs until nothing is to be done any more."""
    for _ in range(3):
        go_on(dealer)
    assert rows("SELECT status FROM sync_runs WHERE status = 'queued'") == []


def created(dealer: Dealer) -> int:
    return dealer.writes().count("POST /customers")


def test_create_is_not_repeated_for_the_survivor(dealer: Dealer) -> None:
    [lose_id] = in_doubt(dealer, "Ay")
    keep_id = made_here(family_name="Yıldız")
    merge(keep_id, lose_id)
    settle(dealer)
    [there] = dealer.system.records("customers")
    assert (created(dealer), known(dealer, there["external_id"])) == (1, keep_id)
    assert there["family_name"] == "Yıldız"


def test_create_that_a_new_run_reads_back_is_the_survivors(dealer: Dealer) -> None:
    [lose_id] = in_doubt(dealer, "Ay")
    keep_id = made_here(family_name="Yıldız")
    merge(keep_id, lose_id)
    rows("UPDATE sync_runs SET status = 'failed' RETURNING 1")
    settle(dealer)
    assert (created(dealer), rows(CUSTOMERS)) == (1, [(1,)])


def test_create_becomes_another_name_of_a_survivor_that_the_dealer_knows(dealer: Dealer) -> None:
    name = dealer.add_customer("Şule")
    dealer.sync()
    keep_id, [lose_id] = known(dealer, name), in_doubt(dealer, "Ay")
    merge(keep_id, lose_id)
    settle(dealer)
    [other] = {each["external_id"] for each in dealer.system.records("customers")} - {name}
    assert (rows(CUSTOMERS), known(dealer, other), known(dealer, name)) == ([(1,)], keep_id, keep_id)
    dealer.system.change("customers", other, {"given_name": "Şulenur"})
    dealer.sync()
    assert value(keep_id, "given_name") == "Şulenur"


def test_two_creates_in_doubt_of_one_customer_become_its_two_names(dealer: Dealer) -> None:
    keep_id, lose_id = in_doubt(dealer, "Yıldız", "Ay")
    merge(keep_id, lose_id)
    settle(dealer)
    names = [each["external_id"] for each in dealer.system.records("customers")]
    assert (created(dealer), rows(CUSTOMERS)) == (2, [(1,)])
    assert [known(dealer, name) for name in names] == [keep_id, keep_id]


def test_what_the_dealer_edits_meanwhile_of_either_is_its_word(dealer: Dealer) -> None:
    keep_id, lose_id = in_doubt(dealer, "Yıldız", "Ay")
    names = {each["reference"]: each["external_id"] for each in dealer.system.records("customers")}
    merge(keep_id, lose_id)
    dealer.system.change("customers", names[str(keep_id)], {"locale": "tr-TR"})
    dealer.system.change("customers", names[str(lose_id)], {"birth_date": "1990-01-02"})
    settle(dealer)
    assert (value(keep_id, "locale"), str(value(keep_id, "birth_date"))) == ("tr-TR", "1990-01-02")


def test_create_that_did_not_happen_is_forgotten_where_the_dealer_knows_the_survivor(dealer: Dealer) -> None:
    name = dealer.add_customer("Şule")
    dealer.sync()
    lose_id = made_here(family_name="Ay")
    share(lose_id)
    dealer.moody.before = lambda request: Response("", 502) if request.method == "POST" else None
    dealer.sync()
    dealer.moody.before = lambda request: None
    merge(known(dealer, name), lose_id)
    settle(dealer)
    assert len(dealer.system.records("customers")) == 1 and rows("SELECT 1 FROM sync_operations") == []


def test_undo_gives_the_record_back_whose_create_was_in_doubt(dealer: Dealer) -> None:
    name = dealer.add_customer("Şule")
    dealer.sync()
    keep_id, [lose_id] = known(dealer, name), in_doubt(dealer, "Ay")
    merge_id = merge(keep_id, lose_id)
    settle(dealer)
    undo(merge_id)
    edit(lose_id, family_name="Işık")
    settle(dealer)
    there = {known(dealer, each["external_id"]): each["family_name"] for each in dealer.system.records("customers")}
    assert (created(dealer), there[lose_id], there[keep_id]) == (1, "Işık", "Yıldız")


def test_undo_before_anybody_asked_leaves_the_create_in_doubt_as_it_was(dealer: Dealer) -> None:
    name = dealer.add_customer("Şule")
    dealer.sync()
    [lose_id] = in_doubt(dealer, "Ay")
    undo(merge(known(dealer, name), lose_id))
    settle(dealer)
    [other] = {each["external_id"] for each in dealer.system.records("customers")} - {name}
    assert (created(dealer), known(dealer, other)) == (1, lose_id)
    assert run_of(rows("SELECT id FROM sync_runs ORDER BY id DESC LIMIT 1")[0][0]).status == "succeeded"
