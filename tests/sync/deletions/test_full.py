"""Full runs: what a partner deleted without a word is found, unless it is too much to believe."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from connectors.base import ConnectorError
from connectors.rest import Rest
from gateway.sync import gathering, jobs, work
from gateway.sync.deletions.jobs import forget_ended
from tests.conftest import Cast
from tests.sync.conftest import Dealer, make_due, rows, run_of

MEET = (
    "INSERT INTO sync_references (link_id, stream, external_id, record_id, is_ours) "
    "VALUES (:link, 'customers', 'YENİ', gen_random_uuid(), false) RETURNING 1"
)
LIVING = "SELECT external_id FROM sync_references WHERE deleted_at IS NULL ORDER BY external_id"


def fill(dealer: Dealer, count: int) -> list[str]:
    """So many customers at the dealer, all known here."""
    ids = [dealer.add_customer(f"Müşteri {number}") for number in range(count)]
    dealer.sync()
    return ids


def lose(dealer: Dealer, external_id: str, stream: str = "customers") -> dict[str, Any]:
    """Delete a record at the dealer without a trace."""
    return dealer.system.tables[stream].pop(external_id)


def test_a_record_deleted_without_a_word_is_found_by_a_full_run_alone(dealer: Dealer, cast: Cast) -> None:
    gone, *_ = fill(dealer, 4)
    record = dealer.record("customers", gone)
    lose(dealer, gone)
    assert dealer.sync().streams["customers"]["deleted"] == 0
    run = dealer.sync("full")
    assert (run.status, run.error, run.streams["customers"]["deleted"]) == ("succeeded", None, 1)
    assert cast.eskisehir.get(f"/customers/{record}").status_code == 404
    assert cast.ayse.get(f"/customers/{record}").status_code == 200


def test_interactions_vanish_too(dealer: Dealer, cast: Cast) -> None:
    interaction = dealer.add_interaction(dealer.add_customer())
    dealer.sync()
    told = dealer.record("interactions", interaction)
    lose(dealer, interaction, "interactions")
    assert dealer.sync("full").streams["interactions"]["deleted"] == 1
    assert cast.ayse.get(f"/interactions/{told}").status_code == 404


def test_a_listing_that_misses_too_much_deletes_nothing_and_asks(dealer: Dealer) -> None:
    ids = fill(dealer, 20)
    for each in ids[:6]:
        lose(dealer, each)
    run = dealer.sync("full")
    link = dealer.link()
    assert (run.status, link.status) == ("failed", "paused")
    assert "6 of 20 customers" in (link.paused_reason or "") and "confirm-deletions" in (link.paused_reason or "")
    assert len(rows(LIVING)) == 20 and run.streams["customers"]["deleted"] == 0


def test_a_few_are_always_believed(dealer: Dealer) -> None:
    ids = fill(dealer, 5)
    for each in ids:
        lose(dealer, each)
    assert dealer.sync("full").streams["customers"]["deleted"] == 5


def test_a_confirmed_deletion_goes_on_and_the_link_works_again(dealer: Dealer, cast: Cast) -> None:
    for each in fill(dealer, 10)[:6]:
        lose(dealer, each)
    dealer.sync("full")
    answer = cast.ayse.post(f"/sync/links/{dealer.link_id}/confirm-deletions")
    assert answer.status_code == 202, answer.text
    jobs.run(answer.get_json()["id"])
    shown = cast.ayse.get(answer.headers["Location"]).get_json()
    assert (shown["status"], shown["streams"]["customers"]["deleted"]) == ("succeeded", 6)
    assert dealer.link().status == "active" and len(rows(LIVING)) == 4
    assert rows("SELECT count(*) FROM audit_entries WHERE action = 'sync.deletions.confirmed'") == [(1,)]


def test_what_was_confirmed_is_no_leave_for_more(dealer: Dealer, cast: Cast) -> None:
    ids = fill(dealer, 20)
    for each in ids[:6]:
        lose(dealer, each)
    dealer.sync("full")
    for each in ids[6:10]:
        lose(dealer, each)
    jobs.run(cast.ayse.post(f"/sync/links/{dealer.link_id}/confirm-deletions").get_json()["id"])
    assert "10 of 20" in (dealer.link().paused_reason or "") and len(rows(LIVING)) == 20


def test_what_came_back_meanwhile_is_not_deleted(dealer: Dealer, cast: Cast) -> None:
    lost = {each: lose(dealer, each) for each in fill(dealer, 10)[:6]}
    dealer.sync("full")
    dealer.system.tables["customers"].update(lost)
    jobs.run(cast.ayse.post(f"/sync/links/{dealer.link_id}/confirm-deletions").get_json()["id"])
    assert len(rows(LIVING)) == 10 and dealer.link().status == "active"


def test_there_is_nothing_to_confirm_where_nothing_waits(dealer: Dealer, cast: Cast) -> None:
    fill(dealer, 1)
    answer = cast.ayse.post(f"/sync/links/{dealer.link_id}/confirm-deletions")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "nothing_to_confirm")


def test_a_listing_interrupted_at_every_page_goes_on_and_misses_nothing(
    dealer: Dealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, *_ = fill(dealer, 10)
    lose(dealer, gone)
    monkeypatch.setattr(work, "SLICE_SECONDS", -1.0)
    monkeypatch.setattr(gathering, "MOST_PAGES", 1)  # pages that are all known are one otherwise
    run_id, rounds = dealer.ask("full"), 0
    while run_of(run_id).status in ("queued", "running"):
        jobs.run(str(run_id))
        rounds += 1
    done = run_of(run_id)
    assert (done.status, done.streams["customers"]["deleted"], rounds > 3) == ("succeeded", 1, True)
    assert len(rows(LIVING)) == 9


def test_a_listing_that_breaks_off_deletes_nothing_before_it_is_whole(dealer: Dealer) -> None:
    fill(dealer, 7)
    dealer.moody.before = lambda request: Response("", 503) if "cursor" in request.args else None
    run = dealer.sync("full")
    assert run.status == "queued" and len(rows(LIVING)) == 7
    dealer.moody.before = lambda request: None
    make_due(run.id)
    jobs.run(str(run.id))
    assert run_of(run.id).status == "succeeded" and len(rows(LIVING)) == 7


def test_records_met_during_the_listing_have_not_vanished(dealer: Dealer) -> None:
    fill(dealer, 4)

    def meet(request: Request) -> None:
        dealer.moody.before = lambda request: None
        rows(MEET, link=dealer.link_id)

    dealer.moody.before = meet
    assert dealer.sync("full").streams["customers"]["deleted"] == 0
    assert dealer.sync("full").streams["customers"]["deleted"] == 1, "by the next listing it has to be there"


def test_a_record_the_list_lost_is_asked_for_before_it_is_believed_gone(
    dealer: Dealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = fill(dealer, 4)
    skipped, gone = lose(dealer, ids[0]), lose(dealer, ids[1])
    monkeypatch.setattr(Rest, "can", Rest.can | {"fetch"})
    monkeypatch.setattr(Rest, "fetch", lambda self, stream, each: {skipped["external_id"]: skipped}.get(each))
    assert dealer.sync("full").streams["customers"]["deleted"] == 1
    assert (gone["external_id"],) not in rows(LIVING) and (skipped["external_id"],) in rows(LIVING)


@pytest.mark.parametrize(("odd", "outcome"), [(1, ("succeeded", 2)), (3, ("failed", 0))])
def test_a_record_nobody_can_ask_for_stays_and_keeps_no_other(
    dealer: Dealer, monkeypatch: pytest.MonkeyPatch, odd: int, outcome: tuple[str, int]
) -> None:
    ids = fill(dealer, 4)[:3]
    for each in ids:
        lose(dealer, each)

    def fetch(_: Rest, stream: str, external_id: str) -> None:
        if external_id in ids[:odd]:
            raise ConnectorError("Not to be asked for.", permanent=True)

    monkeypatch.setattr(Rest, "can", Rest.can | {"fetch"})
    monkeypatch.setattr(Rest, "fetch", fetch)
    run = dealer.sync("full")
    assert (run.status, run.streams["customers"]["deleted"]) == outcome


def test_a_record_that_comes_back_is_the_same_record(dealer: Dealer, cast: Cast) -> None:
    gone, *_ = fill(dealer, 3)
    record, kept = dealer.record("customers", gone), lose(dealer, gone)
    dealer.sync("full")
    dealer.system.tables["customers"][gone] = {**kept, "updated_at": dealer.system._tick()}
    assert dealer.sync("full").streams["customers"]["deleted"] == 0
    assert dealer.record("customers", gone) == record
    assert cast.eskisehir.get(f"/customers/{record}").status_code == 200


def test_a_full_run_leaves_the_next_round_where_the_listing_ended(dealer: Dealer) -> None:
    fill(dealer, 4)
    dealer.sync("full")
    changed = dealer.system.ids("customers")[2]
    dealer.system.change("customers", changed, {"given_name": "Yeni"})
    assert dealer.sync().streams["customers"]["read"] == 1 + 1, "what changed, and the last one known at that time"


def test_a_partner_that_cannot_list_everything_gets_no_full_run(
    dealer: Dealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Rest, "can", Rest.can - {"full_listing"})
    run = dealer.sync("full")
    assert run.status == "failed" and "cannot list everything" in (run.error or "")


def test_a_full_run_pushes_as_any_run_does(dealer: Dealer, cast: Cast) -> None:
    made = cast.eskisehir.post("/customers", {"kind": "person", "given_name": "İnci"})
    assert made.status_code == 201
    assert dealer.sync("full").streams["customers"]["pushed"] == 1


def test_the_listing_of_a_cancelled_run_is_dropped_and_of_one_at_work_is_not(dealer: Dealer, cast: Cast) -> None:
    fill(dealer, 7)
    dealer.moody.before = lambda request: Response("", 503) if "cursor" in request.args else None
    run = dealer.sync("full")
    assert forget_ended() == 0 and rows("SELECT cardinality(external_ids) FROM sync_listed") == [(3,)]
    cast.ayse.post(f"/sync/runs/{run.id}/cancel")
    assert forget_ended() == 1 and dealer.sync("full").status == "queued" and len(rows(LIVING)) == 7
