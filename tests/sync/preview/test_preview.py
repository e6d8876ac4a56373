"""Previews: nothing changes on either side, and the run that follows does exactly what was shown."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from gateway.customers import service as customers
from gateway.db import transaction
from gateway.sync import jobs, service
from gateway.sync.models import SyncRun
from gateway.sync.preview import gather, preview, rehearse
from gateway.sync.preview.jobs import forget_old
from tests.conftest import Cast
from tests.sync.conftest import SYSTEM, Dealer, rows, run_of

# Everything that a run may write; what belongs to the preview itself apart.
TABLES = (
    "customers", "customer_keys", "interactions", "shares", "events", "readers", "sync_references", "sync_cursors",
    "sync_rejected", "sync_operations", "sync_conflicts", "sync_listed", "sync_vanished",
)  # fmt: skip
# xmin tells of rows that were written again as they were.
STATE = " UNION ALL ".join(f"SELECT '{table}', xmin::text, md5(t::text) FROM {table} t" for table in TABLES)


def state() -> list[Any]:
    return sorted(rows(STATE))


def shown(cast: Cast, run: SyncRun, **filters: str) -> list[dict[str, Any]]:
    query = "&".join(f"{name}={value}" for name, value in {**filters, "limit": "200"}.items())
    answer = cast.ayse.get(f"/sync/runs/{run.id}/previewed?{query}")
    assert answer.status_code == 200, answer.text
    return list(answer.get_json()["items"])


def fields_of(line: dict[str, Any]) -> dict[str, Any]:
    return {each["field"]: (each["old"], each["new"]) for each in line["changes"]}


@pytest.fixture
def busy(dealer: Dealer, cast: Cast) -> Dealer:
    """A dealer and a hub that both have a bit of everything for each other."""
    changed, gone, both, stale = (dealer.add_customer(name) for name in ("Değişen", "Giden", "İkimiz", "Bizim"))
    dealer.add_interaction(changed)
    dealer.sync()
    with transaction(SYSTEM) as tx:
        made = customers.create(tx, {"kind": "person", "given_name": "Yeni", "family_name": "Hub"})
        customers.share(tx, made["id"], "eskisehir", "sale")
    record = str(made["id"])
    call = {"channel": "phone", "kind": "inquiry", "direction": "in", "subject": "Servis", "visibility": "shared"}
    assert cast.ayse.post("/interactions", {**call, "customer_id": record}).status_code == 201
    for external_id in (both, stale):
        ours = dealer.record("customers", external_id)
        assert cast.ayse.patch(f"/customers/{ours}", {"family_name": "Öz"}, version=1).status_code == 200
    dealer.system.change("customers", both, {"family_name": "Çelik"})
    dealer.system.change("customers", changed, {"family_name": "Şahin"})
    dealer.system.remove("customers", gone)
    dealer.add_customer("Bozuk", kind="robot")
    dealer.add_interaction(dealer.add_customer("Taze"))
    return dealer


def test_a_preview_writes_nothing_on_either_side(busy: Dealer) -> None:
    before, asked = state(), len(busy.system.requests)
    run = busy.sync("preview")
    assert (run.status, run.error) == ("succeeded", None)
    assert state() == before
    assert {each.method for each in busy.system.requests[asked:]} == {"GET"}


def test_the_run_does_what_its_preview_has_counted(busy: Dealer) -> None:
    foreseen = busy.sync("preview").streams
    done = busy.sync().streams
    assert foreseen == done
    assert done["customers"]["conflicts"] == done["customers"]["deleted"] == done["customers"]["rejected"] == 1
    assert done["customers"]["pushed"] >= 2 and done["interactions"]["pushed"] == 1


def test_the_run_does_what_its_preview_has_shown(busy: Dealer, cast: Cast) -> None:
    lines = shown(cast, busy.sync("preview"))
    known = {external_id for (external_id,) in rows("SELECT external_id FROM sync_references")}
    asked = len(busy.system.requests)
    busy.sync()
    made = {each["external_id"] for each in lines if each["action"] == "create"}
    assert made == {external_id for (external_id,) in rows(
        "SELECT external_id FROM sync_references WHERE NOT is_ours")} - known  # fmt: skip
    sent = [each.get_json() for each in busy.system.requests[asked:] if each.method in ("POST", "PATCH")]
    promised = [{name: new for name, (_, new) in fields_of(each).items()} for each in lines if "push" in each["action"]]
    assert len(sent) == 3 and plain(sent) == plain(promised)


def plain(bodies: list[dict[str, Any]]) -> list[str]:
    """Bodies in one order, apart from the names that only the partner and the connector know."""
    unknown = ("reference", "customer_external_id")
    return sorted(str({name: value for name, value in each.items() if name not in unknown}) for each in bodies)


def test_a_change_is_shown_field_by_field(busy: Dealer, cast: Cast) -> None:
    [line] = shown(cast, busy.sync("preview"), action="change")
    assert fields_of(line)["family_name"] == ("Yıldız", "Şahin")
    assert line["record_id"] == str(busy.record("customers", line["external_id"]))


def test_conflicts_rejections_and_deletions_are_shown(busy: Dealer, cast: Cast) -> None:
    run = busy.sync("preview")
    [conflict], [rejected], [deleted] = (shown(cast, run, action=each) for each in ("conflict", "reject", "delete"))
    assert fields_of(conflict) == {"family_name": ("Öz", "Çelik")}
    assert rejected["reasons"][0]["pointer"] == "/kind" and deleted["external_id"] == "C-00002"


def test_interactions_of_customers_who_come_with_them_are_no_rejects(busy: Dealer, cast: Cast) -> None:
    [line] = shown(cast, busy.sync("preview"), action="create", stream="interactions")
    assert fields_of(line)["subject"] == (None, "Sedan soruyor")


def test_a_preview_of_a_full_run_shows_what_vanished_without_a_word(dealer: Dealer, cast: Cast) -> None:
    gone = dealer.add_customer()
    dealer.add_customer("Kalan")
    dealer.sync()
    del dealer.system.tables["customers"][gone]
    assert shown(cast, dealer.sync("preview"), action="delete") == []
    before = state()
    run = dealer.sync("preview", full=True)
    assert [each["external_id"] for each in shown(cast, run, action="delete")] == [gone] and state() == before


def test_a_preview_tells_that_the_guard_would_stop_the_full_run(dealer: Dealer, cast: Cast) -> None:
    for number in range(6):
        dealer.add_customer(f"Kişi {number}")
    dealer.sync()
    dealer.system.tables["customers"].clear()
    run = dealer.sync("preview", full=True)
    [note] = shown(cast, run, action="note")
    assert "6 of 6 customers" in note["reasons"][0]["message"] and dealer.link().status == "active"


def test_a_preview_reads_as_many_pages_as_asked_and_says_so(dealer: Dealer, cast: Cast) -> None:
    for number in range(7):
        dealer.add_customer(f"Kişi {number}")
    answer = cast.ayse.post(f"/sync/links/{dealer.link_id}/previews", {"pages": 1})
    assert answer.status_code == 202, answer.text
    jobs.run(answer.get_json()["id"])
    run = run_of(answer.get_json()["id"])
    assert run.streams["customers"]["read"] == 3
    [note] = shown(cast, run, action="note")
    assert "1 pages" in note["reasons"][0]["message"]


def test_a_long_preview_counts_everything_and_lists_the_first(
    dealer: Dealer, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "MOST_LINES", 2)
    for number in range(5):
        dealer.add_customer(f"Kişi {number}")
    run = dealer.sync("preview")
    assert [each["action"] for each in shown(cast, run)] == ["create", "create", "note"]
    assert run.streams["customers"]["created"] == 5


def test_a_partner_without_end_is_read_up_to_a_bound(dealer: Dealer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "MOST_RECORDS", 4)
    for number in range(9):
        dealer.add_customer(f"Kişi {number}")
    assert dealer.sync("preview").streams["customers"]["read"] == 6


def test_a_preview_interrupted_by_the_partner_begins_again_and_counts_once(dealer: Dealer) -> None:
    for number in range(5):
        dealer.add_customer(f"Kişi {number}")
    dealer.moody.before = lambda request: Response("", 503) if "cursor" in request.args else None
    run = dealer.sync("preview")
    assert run.status == "queued"
    dealer.moody.before = lambda request: None
    rows("UPDATE sync_runs SET due_at = now() RETURNING 1")
    jobs.run(str(run.id))
    assert run_of(run.id).streams["customers"]["created"] == 5


def test_a_cancelled_preview_stops_within_a_page(dealer: Dealer, cast: Cast) -> None:
    for number in range(9):
        dealer.add_customer(f"Kişi {number}")

    def cancel(request: Request) -> None:
        if "cursor" in request.args:
            cast.ayse.post(f"/sync/runs/{run_id}/cancel")

    dealer.moody.before = cancel
    run_id = dealer.ask("preview")
    jobs.run(str(run_id))
    assert run_of(run_id).status == "cancelled" and len(dealer.system.requests) == 2


def test_the_next_preview_and_a_week_end_what_was_shown(dealer: Dealer, cast: Cast) -> None:
    dealer.add_customer()
    first, second = dealer.sync("preview"), dealer.sync("preview")
    assert (shown(cast, first), len(shown(cast, second))) == ([], 1)
    assert forget_old() == 0
    rows("UPDATE sync_runs SET created_at = now() - interval '8 days' RETURNING 1")
    assert forget_old() == 1 and shown(cast, second) == []


def test_a_preview_stops_where_the_run_would_stop(dealer: Dealer, cast: Cast) -> None:
    dealer.system.page_size = 60
    dealer.system.add("customers", [{"kind": "robot", "given_name": f"Kişi {number}"} for number in range(180)])
    foreseen = dealer.sync("preview")
    [note] = shown(cast, foreseen, action="note")
    assert "would stop here: 120 of 120 customers" in note["reasons"][0]["message"]
    done = dealer.sync()
    assert done.status == "failed" and done.streams["customers"] == foreseen.streams["customers"]


def test_a_preview_gives_way_to_whoever_is_writing(dealer: Dealer) -> None:
    customer = dealer.add_customer()
    dealer.sync()
    dealer.system.change("customers", customer, {"family_name": "Şahin"})
    with transaction(SYSTEM) as tx:
        tx.raw.execute("SELECT 1 FROM customers FOR UPDATE")
        run = dealer.sync("preview")
    assert (run.status, run.tries) == ("queued", 1)


def test_a_preview_lets_go_after_some_seconds_and_says_so(
    dealer: Dealer, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearse, "MOST_SECONDS", -1.0)
    dealer.add_customer()
    run = dealer.sync("preview")
    [note] = shown(cast, run)
    assert (note["action"], run.streams["customers"]["read"]) == ("note", 0)


def test_a_paused_link_can_be_previewed_and_stays_as_it_was(dealer: Dealer) -> None:
    dealer.add_customer()
    with transaction(SYSTEM) as tx:
        service.pause(tx, dealer.link_id, "Bakım var")
    assert dealer.sync("preview").streams["customers"]["created"] == 1
    dealer.moody.before = lambda request: Response("", 401)
    assert dealer.sync("preview").status == "failed"
    assert dealer.link().paused_reason == "Bakım var"


def test_a_preview_that_fails_pauses_no_link(dealer: Dealer) -> None:
    dealer.moody.before = lambda request: Response("", 401)
    assert (dealer.sync("preview").status, dealer.link().status) == ("failed", "active")
