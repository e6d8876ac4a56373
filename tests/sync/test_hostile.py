"""What a partner's system may say out of malice or by mistake: it harms itself alone, and nothing comes to a halt."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from connectors.base import ConnectorError, Page
from connectors.rest import Rest
from gateway.customers import service as customers
from gateway.db import transaction
from gateway.sync import jobs
from gateway.sync.rejects import Rejection, keep
from tests.conftest import Cast
from tests.sync.conftest import SYSTEM, Dealer, make_due, rows, run_of


def share(cast: Cast) -> None:
    with transaction(SYSTEM) as tx:
        customers.share(tx, cast.cem_id, "eskisehir", "sale")


def unshare(cast: Cast) -> None:
    with transaction(SYSTEM) as tx:
        customers.unshare(tx, cast.cem_id, "eskisehir")


def answering(method: str, status: int, body: bytes) -> Callable[[Request], Response | None]:
    """Every request of a method gets this answer."""
    return lambda request: Response(body, status) if request.method == method else None


def test_an_error_in_words_that_no_database_stores_is_still_told(dealer: Dealer) -> None:
    dealer.moody.before = answering("GET", 500, b"\x00 bozuldu")
    run = dealer.sync()
    assert (run.status, run.tries) == ("queued", 1)
    assert "\ufffd bozuldu" in (run.error or "")


def test_a_refusal_in_such_words_fails_its_change_alone(dealer: Dealer, cast: Cast) -> None:
    share(cast)
    dealer.moody.before = answering("POST", 422, b"\x00 olmaz")
    assert dealer.sync().status == "succeeded"
    assert rows("SELECT state FROM sync_operations") == [("failed",)]


@pytest.mark.parametrize(("asked", "kept"), [(1e12, 86_400.0), (-1.0, 0.0), (None, None)])
def test_nobody_is_waited_for_longer_than_a_day(asked: float | None, kept: float | None) -> None:
    assert ConnectorError("Sonra gel", retry_after=asked).retry_after == kept


@pytest.mark.parametrize("poison", [{"attributes": {"a\x00b": {"x": {"y": [1]}}}}, {"reference": "\x00"}])
def test_a_reason_that_quotes_poison_is_kept_and_the_others_arrive(dealer: Dealer, poison: dict[str, Any]) -> None:
    dealer.add_customer("Ayşe")
    dealer.system.tables["customers"][dealer.add_customer()].update(poison)
    dealer.add_customer("Zeynep")
    run = dealer.sync()
    assert (run.status, run.error) == ("succeeded", None)
    assert run.streams["customers"]["created"] == 2 and run.streams["customers"]["rejected"] == 1


def test_a_record_nested_too_deeply_to_be_written_is_rejected_by_its_name(dealer: Dealer) -> None:
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    with transaction(SYSTEM) as tx:
        keep(tx, dealer.link_id, "customers", [Rejection({"attributes": deep}, [], "C-1")])
    assert rows("SELECT external_id, is_whole FROM sync_rejected") == [("C-1", False)]


@pytest.mark.parametrize("mode", ["normal", "preview"])
def test_a_deletion_of_what_cannot_be_named_is_passed_over(dealer: Dealer, mode: str) -> None:
    for odd in ("\x00", "\ud800"):
        gone = dealer.add_customer()
        dealer.system.remove("customers", gone)
        dealer.system.tables["customers"][gone]["external_id"] = odd
    dealer.add_customer("Ayşe")
    run = dealer.sync(mode)
    assert (run.status, run.error) == ("succeeded", None)


@pytest.mark.parametrize("name", ["\x00", "x" * 5000, "C-00001"])
def test_a_name_that_cannot_be_a_records_own_fails_its_change_alone(dealer: Dealer, cast: Cast, name: str) -> None:
    assert dealer.add_customer("Ayşe") == "C-00001"
    dealer.sync()
    share(cast)
    dealer.moody.before = answering("POST", 201, json.dumps({"external_id": name, "version": "1"}).encode())
    assert dealer.sync().status == "succeeded"
    assert rows("SELECT state, sent_at IS NOT NULL FROM sync_operations") == [("failed", True)]
    assert rows("SELECT count(*) FROM sync_references") == [(1,)]


def test_a_version_that_cannot_be_kept_is_none(dealer: Dealer, cast: Cast) -> None:
    share(cast)
    dealer.moody.before = answering("POST", 201, json.dumps({"external_id": "K-1", "version": "\x00"}).encode())
    assert dealer.sync().status == "succeeded"
    assert rows("SELECT external_id, version FROM sync_references") == [("K-1", None)]


@pytest.mark.parametrize("is_shared_again", [True, False])
def test_a_create_in_the_air_when_its_share_ends_is_not_doubled(
    dealer: Dealer, cast: Cast, is_shared_again: bool
) -> None:
    share(cast)
    dealer.moody.after = lambda request, answer: Response(b"", 502) if request.method == "POST" else answer
    run = dealer.sync()
    unshare(cast)
    dealer.moody.after = lambda request, answer: answer
    if is_shared_again:
        share(cast)
    make_due(run.id)
    jobs.run(str(run.id))
    assert run_of(run.id).status == "succeeded"
    dealer.sync()
    assert len(dealer.system.records("customers")) == 1
    assert rows("SELECT id FROM customers") == [(cast.cem_id,)]


@pytest.mark.parametrize("total", [10**30, -1, True, "viele", float("nan")])
def test_a_total_that_counts_nothing_is_none(
    dealer: Dealer, cast: Cast, monkeypatch: pytest.MonkeyPatch, total: Any
) -> None:
    monkeypatch.setattr(Rest, "pull", lambda *_: iter([Page([], "{}", total=total)]))
    run = dealer.sync()
    shown = cast.ayse.get(f"/sync/runs/{run.id}")
    assert (run.status, shown.status_code, "total" in run.streams["customers"]) == ("succeeded", 200, False)


@pytest.mark.parametrize("cursor", [None, 7, "x\x00", "\ud800"])
def test_a_cursor_that_cannot_be_kept_is_the_connectors_mistake(
    dealer: Dealer, monkeypatch: pytest.MonkeyPatch, cursor: Any
) -> None:
    monkeypatch.setattr(Rest, "pull", lambda *_: iter([Page([], cursor)]))
    run = dealer.sync()
    assert run.status == "failed" and "cursor" in (run.error or "")
