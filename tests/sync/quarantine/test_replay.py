"""Replaying rejected records: one, some or all, after the partner or the link was mended."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.rest import Rest
from gateway.sync import jobs
from gateway.sync.models import SyncRun
from tests.conftest import Cast
from tests.sync.conftest import Dealer, make_due, rows, run_of

KEPT = "SELECT external_id FROM sync_rejected ORDER BY external_id"
STRICTER = "UPDATE sync_rejected SET raw = replace(raw, 'robot', 'person') RETURNING 1"


@pytest.fixture
def asked(dealer: Dealer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The dealer's system answers for single records."""

    def fetch(_: Rest, stream: str, external_id: str) -> Any:
        return next((each for each in dealer.system.records(stream) if each["external_id"] == external_id), None)

    monkeypatch.setattr(Rest, "can", Rest.can | {"fetch"})
    monkeypatch.setattr(Rest, "fetch", fetch)


@pytest.fixture
def storing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The dealer's system lists, and answers for no single record."""
    monkeypatch.setattr(Rest, "can", Rest.can - {"fetch"})


def replay(dealer: Dealer, cast: Cast, **chosen: Any) -> SyncRun:
    answer = cast.ayse.post(f"/sync/links/{dealer.link_id}/replay", chosen)
    assert answer.status_code == 202, answer.text
    jobs.run(answer.get_json()["id"])
    run = run_of(answer.get_json()["id"])
    assert run.status == "succeeded", run.error
    return run


def mend_quietly(dealer: Dealer, external_id: str) -> None:
    """Mend a record at the dealer in a way that its change filter does not tell."""
    dealer.system.tables["customers"][external_id]["kind"] = "person"


@pytest.mark.usefixtures("asked")
def test_a_record_mended_at_the_partner_is_taken_as_it_is_now(dealer: Dealer, cast: Cast) -> None:
    bad, worse = dealer.add_customer("Kötü", kind="robot"), dealer.add_customer("Beter", kind="robot")
    dealer.sync()
    mend_quietly(dealer, bad)
    run = replay(dealer, cast)
    counts = run.streams["customers"]
    assert (run.status, counts["read"], counts["created"], counts["rejected"]) == ("succeeded", 2, 1, 1)
    assert dealer.record("customers", bad) is not None and rows(KEPT) == [(worse,)]


@pytest.mark.usefixtures("asked")
def test_a_record_the_partner_has_no_more_leaves_the_quarantine(dealer: Dealer, cast: Cast) -> None:
    bad = dealer.add_customer(kind="robot")
    dealer.sync()
    dealer.system.remove("customers", bad)
    replay(dealer, cast)
    assert rows(KEPT) == []


@pytest.mark.usefixtures("storing")
def test_without_an_answer_for_single_records_what_was_kept_is_judged_anew(dealer: Dealer, cast: Cast) -> None:
    bad = dealer.add_customer("Kötü", kind="robot", family_name="Şık")
    dealer.sync()
    rows(STRICTER)
    assert replay(dealer, cast).streams["customers"]["created"] == 1
    assert cast.ayse.get(f"/customers/{dealer.record('customers', bad)}").get_json()["family_name"] == "Şık"


@pytest.mark.usefixtures("asked")
def test_only_the_chosen_records_are_replayed(dealer: Dealer, cast: Cast) -> None:
    one, two = dealer.add_customer(kind="robot"), dealer.add_customer(kind="robot")
    dealer.sync()
    for each in (one, two):
        mend_quietly(dealer, each)
    listed = cast.ayse.get(f"/sync/rejected?external_id={two}").get_json()["items"]
    assert replay(dealer, cast, ids=[listed[0]["id"]]).streams["customers"]["read"] == 1
    assert rows(KEPT) == [(one,)]
    assert replay(dealer, cast, stream="interactions").streams == {}
    assert replay(dealer, cast, code="unheard_of").streams == {}
    code = cast.ayse.get("/sync/rejected").get_json()["items"][0]["reasons"][0]["code"]
    assert replay(dealer, cast, code=code).streams["customers"]["created"] == 1


@pytest.mark.usefixtures("asked")
def test_one_record_is_replayed_by_its_own_address(dealer: Dealer, cast: Cast) -> None:
    bad = dealer.add_customer(kind="robot")
    dealer.sync()
    mend_quietly(dealer, bad)
    [shown] = cast.ayse.get("/sync/rejected?stream=customers").get_json()["items"]
    answer = cast.ayse.post(f"/sync/rejected/{shown['id']}/replay")
    jobs.run(answer.get_json()["id"])
    assert rows(KEPT) == [] and cast.ayse.get(f"/sync/rejected/{shown['id']}").status_code == 404


@pytest.mark.usefixtures("storing")
def test_a_record_too_large_to_keep_tells_how_it_begins_and_is_not_replayed_as_that(dealer: Dealer, cast: Cast) -> None:
    big = dealer.add_customer("Büyük", kind="robot", attributes={"text": "ğ" * 200_001})
    dealer.sync()
    [shown] = cast.ayse.get("/sync/rejected").get_json()["items"]
    assert not shown["is_whole"] and "robot" in shown["raw"]["begins"] and shown["raw"]["external_id"] == big
    counts = replay(dealer, cast).streams["customers"]
    assert (counts["read"], counts["rejected"]) == (1, 1)
    assert cast.ayse.get("/sync/rejected").get_json()["items"] == [shown]


@pytest.mark.usefixtures("asked")
def test_a_record_too_large_to_keep_is_replayed_from_the_partner(dealer: Dealer, cast: Cast) -> None:
    big = dealer.add_customer("Büyük", kind="robot", attributes={"text": "ğ" * 200_001})
    dealer.sync()
    dealer.system.tables["customers"][big].update(kind="person", attributes={})
    assert replay(dealer, cast).streams["customers"]["created"] == 1


@pytest.mark.usefixtures("storing")
@pytest.mark.parametrize("poison", ["x\x00y", "\ud800", "NaN"])
def test_what_no_column_holds_is_kept_and_replayed_as_it_came(dealer: Dealer, cast: Cast, poison: str) -> None:
    dealer.add_customer("Zehir", attributes={"n": float("nan")} if poison == "NaN" else {"a": poison})
    assert dealer.sync().streams["customers"]["rejected"] == 1
    before = rows("SELECT raw, fingerprint FROM sync_rejected")
    assert replay(dealer, cast).streams["customers"]["rejected"] == 1
    assert rows("SELECT raw, fingerprint FROM sync_rejected") == before


@pytest.mark.usefixtures("asked")
def test_interactions_follow_customers_replayed_in_the_same_run(dealer: Dealer, cast: Cast) -> None:
    bad = dealer.add_customer(kind="robot")
    interaction = dealer.add_interaction(bad)
    dealer.sync()
    mend_quietly(dealer, bad)
    assert replay(dealer, cast).streams["interactions"]["created"] == 1
    assert dealer.record("interactions", interaction) is not None


def test_a_discarded_record_is_forgotten_and_the_trail_tells_who_did_it(dealer: Dealer, cast: Cast) -> None:
    bad = dealer.add_customer(kind="robot")
    dealer.sync()
    [shown] = cast.ayse.get("/sync/rejected").get_json()["items"]
    assert cast.ayse.delete(f"/sync/rejected/{shown['id']}").status_code == 204
    assert rows(KEPT) == []
    told = rows("SELECT detail ->> 'external_id' FROM audit_entries WHERE action = 'sync.rejected.discarded'")
    assert told == [(bad,)]


def test_a_replay_gets_on_however_little_may_be_asked(dealer: Dealer, three_requests: None) -> None:
    ids = [dealer.add_customer(kind="robot") for _ in range(5)]
    dealer.sync()
    for each in ids:
        mend_quietly(dealer, each)
    run_id = dealer.ask("replay")
    for _ in range(3):
        make_due(run_id)
        jobs.run(str(run_id))
    counts = run_of(run_id).streams["customers"]
    assert (run_of(run_id).status, counts["read"], counts["created"]) == ("succeeded", 5, 5)


def test_a_record_that_cannot_be_asked_for_is_judged_as_it_was_kept_and_stops_no_other(dealer: Dealer) -> None:
    good = dealer.add_customer("İyi", kind="robot")
    odd = {**dealer.system.tables["customers"][good], "external_id": ".."}
    dealer.system.tables["customers"] = {"..": odd, good: dealer.system.tables["customers"][good]}
    dealer.sync()
    mend_quietly(dealer, good)
    run = dealer.sync("replay")
    counts = run.streams["customers"]
    assert (run.status, counts["read"], counts["created"], counts["rejected"]) == ("succeeded", 2, 1, 1)
    assert dealer.link().status == "active" and rows(KEPT) == [("..",)]
