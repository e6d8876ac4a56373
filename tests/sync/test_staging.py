"""Drafts are in PostgreSQL before their page's turn, in the page's own transaction: they come once or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.sync import attempt, incoming, jobs, pull
from gateway.sync.incoming import Incoming, Outlook
from gateway.sync.staging import Staging
from gateway.sync.streams import STREAMS
from gateway.sync.take import take
from gateway.sync.work import SliceOver, Work
from tests.sync.conftest import SYSTEM, Dealer, make_due, rows, run_of

CUSTOMERS = STREAMS["customers"]
NAMES = "SELECT given_name FROM customers WHERE family_name = 'Yıldız' ORDER BY sort_key"
LEFT_OPEN = (
    "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND datname = current_database() "
    "AND pid <> pg_backend_pid()"
)


@pytest.fixture
def full(dealer: Dealer) -> Dealer:
    """A dealer with five customers, in pages of two."""
    rows("""UPDATE sync_links SET settings = settings || '{"pagination": {"limit": 2}}' RETURNING 1""")
    for name in ("Çiğdem", "Gül", "Işıl", "İpek", "Şule"):
        dealer.add_customer(name)
    return dealer


def drafted(dealer: Dealer) -> list[Any]:
    """The dealer's customers, as those of a first round."""
    return incoming.prepare(CUSTOMERS, dealer.link_id, dealer.system.records("customers"), Outlook())


def test_page_without_drafts_opens_nothing() -> None:
    with Staging(SYSTEM) as staging:
        assert staging.open(CUSTOMERS, [Incoming({}, "C-1", b"", b"", None)]) is None
        assert staging.open(CUSTOMERS, []) is None


def test_drafts_wait_in_the_transaction_of_their_page(full: Dealer) -> None:
    with Staging(SYSTEM) as staging:
        opened = staging.open(CUSTOMERS, drafted(full))
        assert opened is not None
        with opened as tx:
            assert tx.raw.execute("SELECT count(*) FROM stage_customers").fetchone() == (5,)
            assert tx.raw.execute("SELECT count(*) FROM stage_seen").fetchone() == (5,)
    assert rows(NAMES) == [], "they were only staged"


def test_draft_of_what_the_page_before_brought_is_not_written(full: Dealer) -> None:
    work = attempt.begin(full.ask())
    assert work is not None
    first, whole = drafted(full)[:2], drafted(full)
    with Staging(SYSTEM) as staging:
        opened = staging.open(CUSTOMERS, whole)
        with work.page("customers") as (tx, tally):
            take(tx, work.link, CUSTOMERS, first, tally)
        with work.page("customers", opened=opened) as (tx, tally):
            take(tx, work.link, CUSTOMERS, whole, tally)
            assert tally["created"] == 3
    assert [row[0] for row in rows(NAMES)] == ["Çiğdem", "Gül", "Işıl", "İpek", "Şule"]


def test_page_that_nobody_writes_is_rolled_back(full: Dealer) -> None:
    with Staging(SYSTEM) as staging:
        assert all(staging.open(CUSTOMERS, drafted(full)) for _ in range(2))
        assert rows(LEFT_OPEN) == [(2,)]
    assert rows(LEFT_OPEN) == [(0,)]


def test_run_that_ends_between_two_pages_leaves_nothing_open(full: Dealer, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(work: Work) -> None:
        raise SliceOver

    monkeypatch.setattr(Work, "take_breath", stop)
    full.sync()
    assert len(rows(NAMES)) == 2 and rows(LEFT_OPEN) == [(0,)]


def test_page_that_fails_takes_the_staged_one_with_it_and_both_come_later(
    full: Dealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as failing:
        failing.setattr(pull, "follow_deletions", None)
        run_id = full.sync().id
    assert rows(NAMES) == [] and rows(LEFT_OPEN) == [(0,)]
    make_due(run_id)
    jobs.run(str(run_id))
    assert len(rows(NAMES)) == 5 and run_of(run_id).status == "succeeded"
