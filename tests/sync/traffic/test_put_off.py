"""A run that may not call its partner now is put off: no call, no try, nothing lost."""

from __future__ import annotations

from datetime import timedelta

from werkzeug.wrappers import Request, Response

from gateway.customers import service as customers
from gateway.db import now, transaction
from gateway.sync import jobs
from tests.sync.conftest import SYSTEM, Dealer, make_due, rows, run_of


def leave_alone() -> None:
    """What a worker noted when the partner asked for it."""
    rows(
        "INSERT INTO sync_traffic (link_id, tokens, drawn_at, failures, opened, quiet_until) "
        "SELECT id, 1, now(), 0, 0, now() + interval '40 s' FROM sync_links "
        "ON CONFLICT (link_id) DO UPDATE SET quiet_until = excluded.quiet_until RETURNING 1"
    )


def exhausted(request: Request, response: Response) -> Response:
    """Every write uses up what the partner allows for a while."""
    if request.method == "POST":
        response.headers["RateLimit"] = '"writes";r=0;t=40'
    return response


def test_a_run_waits_without_a_call_and_without_a_try(dealer: Dealer) -> None:
    external_id = dealer.add_customer("Işıl")
    leave_alone()
    run = dealer.sync()
    assert (run.status, run.tries, dealer.system.requests) == ("queued", 0, [])
    assert "left alone" in (run.error or "") and timedelta(seconds=30) < run.due_at - now() < timedelta(seconds=41)
    make_due(run.id)
    jobs.run(str(run.id))
    done = run_of(run.id)
    assert (done.status, done.error) == ("succeeded", None) and dealer.record("customers", external_id) is not None


def test_a_push_that_is_held_back_sends_each_record_once(dealer: Dealer) -> None:
    with transaction(SYSTEM) as tx:
        for number in range(3):
            made = customers.create(tx, {"kind": "person", "given_name": f"Kişi {number}"})
            customers.share(tx, made["id"], "eskisehir", "sale")
    dealer.moody.after = exhausted
    run = dealer.sync()
    for _ in range(2):
        assert (run_of(run.id).status, run_of(run.id).tries) == ("queued", 0)
        make_due(run.id)
        jobs.run(str(run.id))
    names = sorted(each["given_name"] for each in dealer.system.records("customers"))
    assert (names, run_of(run.id).status) == (["Kişi 0", "Kişi 1", "Kişi 2"], "succeeded")
    assert len([each for each in dealer.writes() if each.startswith("POST")]) == 3
