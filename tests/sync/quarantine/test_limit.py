"""Too many rejected records stop a run, with a clear word and nothing lost."""

from __future__ import annotations

import pytest

from tests.sync.conftest import Dealer, rows


@pytest.fixture
def spoiled(dealer: Dealer) -> Dealer:
    """A dealer most of whose customers are of no known kind, 60 to a page."""
    dealer.system.page_size = 60
    people = [{"kind": "robot" if number % 5 else "person", "given_name": f"Kişi {number}"} for number in range(240)]
    dealer.system.add("customers", people)
    return dealer


def test_a_run_that_rejects_too_much_stops_and_says_what_is_wrong(spoiled: Dealer) -> None:
    run = spoiled.sync()
    link = spoiled.link()
    assert (run.status, run.streams["customers"]["read"], link.status) == ("failed", 120, "paused")
    assert link.paused_reason == run.error is not None
    assert "96 of 120 customers" in (run.error or "") and "/kind: " in (run.error or "")


def test_what_the_page_over_the_limit_brought_is_kept(spoiled: Dealer) -> None:
    counts = spoiled.sync().streams["customers"]
    assert (counts["created"], counts["rejected"]) == (24, 96)
    assert rows("SELECT count(*) FROM sync_rejected") == [(96,)]


def test_a_resumed_link_goes_on_behind_what_was_kept(spoiled: Dealer) -> None:
    spoiled.sync()
    rows("UPDATE sync_links SET status = 'active', most_rejected_share = 1 RETURNING 1")
    counts = spoiled.sync().streams["customers"]
    assert counts["created"] + counts["rejected"] >= 120 and rows("SELECT count(*) FROM sync_rejected") == [(192,)]


def test_few_records_or_few_mistakes_stop_nothing(dealer: Dealer) -> None:
    dealer.system.page_size = 500
    dealer.system.add("customers", [{"kind": "robot"} for _ in range(99)])
    assert dealer.sync().status == "succeeded"
    dealer.system.add("customers", [{"kind": "person", "given_name": f"Kişi {number}"} for number in range(150)])
    assert dealer.sync().status == "succeeded"


def test_what_was_rejected_before_stops_no_later_run(spoiled: Dealer) -> None:
    rows("UPDATE sync_links SET most_rejected_share = 1 RETURNING 1")
    spoiled.sync()
    rows("UPDATE sync_links SET most_rejected_share = 0.5 RETURNING 1")
    rows("DELETE FROM sync_cursors RETURNING 1")
    again = spoiled.sync()
    assert (again.status, again.streams["customers"]["rejected"]) == ("succeeded", 192)
