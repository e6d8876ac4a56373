"""Previews of creates in doubt: the partner is asked what came of them, and what is counted is what the run counts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from werkzeug.wrappers import Request, Response

from gateway.customers import service as customers
from gateway.db import transaction
from gateway.sync import jobs
from gateway.sync.preview import gather
from tests.conftest import Cast
from tests.sync.conftest import SYSTEM, Dealer, make_due, rows, run_of
from tests.sync.preview.test_preview import shown, state
from tests.sync.test_moving import edit, known, made_here, merge
from tests.sync.test_recognition import lose_answer

LONG_AGO = "2020-01-01T00:00:00.000000Z"


def answered(request: Request, response: Response) -> Response:
    return response


@pytest.fixture
def lost(dealer: Dealer) -> UUID:
    """Şule, whom the dealer has, out of sight of the next round; nobody here knows of it, and no run is under way."""
    dealer.add_customer("Bilinen")
    dealer.sync()
    customer_id = made_here(family_name="Işık")
    with transaction(SYSTEM) as tx:
        customers.share(tx, customer_id, "eskisehir", "sale")
    dealer.moody.after = lose_answer
    dealer.sync()
    dealer.moody.after = answered
    rows("UPDATE sync_runs SET status = 'failed' RETURNING 1")
    there(dealer, customer_id)["updated_at"] = LONG_AGO
    return customer_id


def there(dealer: Dealer, customer_id: UUID) -> dict[str, Any]:
    """The dealer's record that keeps our reference."""
    [found] = [each for each in dealer.system.tables["customers"].values() if each.get("reference") == str(customer_id)]
    return found


def foreseen_and_done(dealer: Dealer) -> tuple[Any, Any]:
    """The counts of a preview, and of the run after it, waited for to its end."""
    before, asked = state(), len(dealer.system.requests)
    foreseen = dealer.sync("preview").streams
    assert state() == before and {each.method for each in dealer.system.requests[asked:]} == {"GET"}
    run_id = dealer.sync().id
    for _ in range(2):
        make_due(run_id)
        jobs.run(str(run_id))
    assert run_of(run_id).status == "succeeded"
    return foreseen, run_of(run_id).streams


def test_a_create_that_arrived_is_counted_as_the_run_counts_it(dealer: Dealer, lost: UUID) -> None:
    foreseen, done = foreseen_and_done(dealer)
    assert foreseen == done and done["customers"]["read"] > 0
    assert dealer.writes().count("POST /customers") == 1


def test_an_edit_there_of_what_arrived_is_counted_and_shown(dealer: Dealer, cast: Cast, lost: UUID) -> None:
    there(dealer, lost).update(given_name="Şulenur", version="2")
    [line] = shown(cast, dealer.sync("preview"), action="change")
    assert {"field": "given_name", "old": "Şule", "new": "Şulenur"} in line["changes"]
    foreseen, done = foreseen_and_done(dealer)
    assert foreseen == done and done["customers"]["changed"] == 1


def test_an_edit_here_of_what_arrived_is_counted_as_a_change_of_it(dealer: Dealer, cast: Cast, lost: UUID) -> None:
    edit(lost, family_name="Işıkoğlu")
    actions = [each["action"] for each in shown(cast, dealer.sync("preview"))]
    assert "push_update" in actions and "push_create" not in actions
    foreseen, done = foreseen_and_done(dealer)
    assert foreseen == done and there(dealer, lost)["family_name"] == "Işıkoğlu"


def test_a_create_that_never_arrived_is_counted_as_one(dealer: Dealer, cast: Cast, lost: UUID) -> None:
    del dealer.system.tables["customers"][there(dealer, lost)["external_id"]]
    assert len(shown(cast, dealer.sync("preview"), action="push_create")) == 1
    foreseen, done = foreseen_and_done(dealer)
    assert foreseen == done and dealer.writes().count("POST /customers") == 2


def test_a_create_that_cannot_be_asked_for_is_counted_as_failed(dealer: Dealer, cast: Cast, lost: UUID) -> None:
    dealer.moody.before = lambda request: Response("", 500) if "reference" in request.args else None
    run = dealer.sync("preview")
    [note] = shown(cast, run, action="note")
    assert note["record_id"] == str(lost) and "answered 500" in note["reasons"][0]["message"]
    rows("UPDATE sync_operations SET due_at = now() RETURNING 1")
    assert dealer.sync().streams == run.streams and run.streams["customers"]["failed"] == 1


def test_the_lost_create_of_a_merged_customer_is_counted_as_the_run_counts_it(dealer: Dealer, lost: UUID) -> None:
    [kept] = [each for each in dealer.system.ids("customers") if dealer.record("customers", each)]
    there(dealer, lost).update(locale="tr-TR", version="2")
    merge(known(dealer, kept), lost)
    foreseen, done = foreseen_and_done(dealer)
    assert foreseen == done and done["customers"]["read"] >= 1


def test_what_there_was_no_time_to_ask_for_is_said(
    dealer: Dealer, cast: Cast, lost: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gather, "_MOST_SECONDS", -1.0)
    notes = [each["reasons"][0]["message"] for each in shown(cast, dealer.sync("preview"), action="note")]
    assert any("Not looked up" in each for each in notes)
