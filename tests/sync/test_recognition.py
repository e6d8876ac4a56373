"""A create whose answer was lost is recognised, and what somebody edits there meanwhile is told from its echo."""

from __future__ import annotations

from uuid import UUID

from werkzeug.wrappers import Request, Response

from gateway.sync import jobs
from tests.conftest import Cast
from tests.sync.conftest import Dealer, make_due, rows, run_of
from tests.sync.test_push import change, share_cem


def lose_answer(request: Request, response: Response) -> Response:
    """The dealer did what it was asked; nobody learns of it."""
    return Response("", 502) if request.method == "POST" else response


def lose_the_create(dealer: Dealer, cast: Cast) -> UUID:
    """Cem is at the dealer, and the run that told of him waits for another try."""
    share_cem(cast)
    dealer.moody.after = lose_answer
    run = dealer.sync()
    assert run.status == "queued" and rows("SELECT sent_at IS NOT NULL FROM sync_operations") == [(True,)]
    dealer.moody.after = lambda request, response: response
    make_due(run.id)
    return run.id


def test_a_create_whose_answer_was_lost_is_not_repeated(dealer: Dealer, cast: Cast) -> None:
    run_id = lose_the_create(dealer, cast)
    jobs.run(str(run_id))
    assert run_of(run_id).status == "succeeded"
    assert dealer.writes().count("POST /customers") == 1 and len(dealer.system.records("customers")) == 1
    assert rows("SELECT record_id FROM sync_references") == [(cast.cem_id,)]


def test_a_create_whose_answer_was_lost_is_recognised_when_it_is_read(dealer: Dealer, cast: Cast) -> None:
    lose_the_create(dealer, cast)
    rows("UPDATE sync_runs SET status = 'failed' RETURNING 1")
    dealer.sync()
    assert rows("SELECT count(*) FROM customers") == [(1,)], "the hub's own record is not doubled"
    assert len(dealer.system.records("customers")) == 1


def test_an_edit_before_the_look_up_of_a_lost_create_is_the_dealers_word(dealer: Dealer, cast: Cast) -> None:
    run_id = lose_the_create(dealer, cast)
    (external_id,) = dealer.system.ids("customers")
    dealer.system.change("customers", external_id, {"given_name": "Cemil"})
    change(cast, cast.cem_id, family_name="Işıkoğlu")
    jobs.run(str(run_id))
    (there,) = dealer.system.records("customers")
    here = cast.ayse.get(f"/customers/{cast.cem_id}").get_json()
    assert [(side["given_name"], side["family_name"]) for side in (here, there)] == [("Cemil", "Işıkoğlu")] * 2
    assert run_of(run_id).streams["customers"]["pushed"] == 2, "the create, and what changed since"


def test_an_edit_after_the_look_up_of_a_lost_create_is_told_from_its_echo(dealer: Dealer, cast: Cast) -> None:
    jobs.run(str(lose_the_create(dealer, cast)))
    (external_id,) = dealer.system.ids("customers")
    dealer.system.change("customers", external_id, {"contact_points": []})
    dealer.sync()
    (there,) = dealer.system.records("customers")
    here = cast.ayse.get(f"/customers/{cast.cem_id}").get_json()
    kinds = [sorted(each["kind"] for each in side["contact_points"]) for side in (here, there)]
    assert kinds == [["address", "email", "phone"]] * 2, "what was not the dealer's goes there again"


def test_a_field_that_both_sides_edit_after_a_lost_create_waits_for_a_steward(dealer: Dealer, cast: Cast) -> None:
    run_id = lose_the_create(dealer, cast)
    (external_id,) = dealer.system.ids("customers")
    dealer.system.change("customers", external_id, {"given_name": "Cemil"})
    change(cast, cast.cem_id, given_name="Cemal")
    jobs.run(str(run_id))
    told = rows("SELECT field, base, ours, theirs, status FROM sync_conflicts")
    assert told == [("given_name", "Cem", "Cemal", "Cemil", "open")]
