"""What is known already is found out before its page is taken over, and never wrongly."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from connectors.base import Page
from gateway.sync.foreknown import Foreknowledge
from gateway.sync.incoming import Incoming, read
from tests.sync.conftest import SYSTEM, Dealer, rows


@pytest.fixture
def foreknowledge(dealer: Dealer) -> Foreknowledge:
    """That of a walk, after two customers have been pulled."""
    for name in ("Çiğdem", "Işıl"):
        dealer.add_customer(name)
    dealer.sync()
    return Foreknowledge(SYSTEM, dealer.link_id, "customers")


def arriving(dealer: Dealer, **said: str) -> list[Incoming]:
    """The dealer's customers, the last of which says something else."""
    *others, last = dealer.system.records("customers")
    return read([*others, last | said])[0]


def marked(
    foreknowledge: Foreknowledge, records: Sequence[Incoming], deleted: Sequence[str] = (), *, ask: bool = True
) -> list[bool | None]:
    """What is told of each record of the next page."""
    foreknowledge.mark(Page((), "", deleted), records, ask=ask)
    return [each.is_known for each in records]


def test_known_is_what_says_nothing_new(dealer: Dealer, foreknowledge: Foreknowledge) -> None:
    assert marked(foreknowledge, arriving(dealer, given_name="Işık")) == [True, False]


def test_words_are_kept_of_what_may_be_news_alone(dealer: Dealer, foreknowledge: Foreknowledge) -> None:
    records = arriving(dealer, given_name="Işık")
    marked(foreknowledge, records)
    assert [bool(each.raw and each.said) for each in records] == [False, True]


def test_nothing_is_told_where_nobody_asked(dealer: Dealer, foreknowledge: Foreknowledge) -> None:
    assert marked(foreknowledge, arriving(dealer), ask=False) == [None, None]


@pytest.mark.parametrize("ask", [True, False])
def test_a_record_that_returns_to_what_it_said_is_known_only_a_page_later(
    dealer: Dealer, foreknowledge: Foreknowledge, ask: bool
) -> None:
    marked(foreknowledge, arriving(dealer, given_name="Işık"), ask=ask)
    assert marked(foreknowledge, arriving(dealer))[-1] is False
    assert marked(foreknowledge, arriving(dealer, given_name="Işık"))[-1] is False


def test_a_record_deleted_by_the_page_before_is_not_known(dealer: Dealer, foreknowledge: Foreknowledge) -> None:
    records = arriving(dealer)
    marked(foreknowledge, [], deleted=[records[0].external_id])
    assert marked(foreknowledge, records) == [False, True]


def test_a_pull_of_many_pages_counts_what_was_known(dealer: Dealer) -> None:
    rows("""UPDATE sync_links SET settings = settings || '{"pagination": {"limit": 2}}' RETURNING 1""")
    names = [dealer.add_customer(f"Müşteri {number}") for number in range(8)]
    dealer.sync()
    rows("DELETE FROM sync_cursors RETURNING 1")
    dealer.system.tables["customers"][names[5]]["given_name"] = "Şule"
    counts = dealer.sync().streams["customers"]
    assert [counts[name] for name in ("read", "unchanged", "changed", "created")] == [8, 7, 1, 0]
