"""Pages that say little are put together: nothing is lost, moved or kept waiting by it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from connectors.base import Page
from gateway.sync import gathering
from gateway.sync.gathering import MOST_PAGES, Prepared, gathered
from gateway.sync.incoming import Incoming
from tests.sync.conftest import Dealer, rows


def page(number: int, *, size: int = 3, news: int = 0, deleted: tuple[str, ...] = ()) -> Prepared:
    """A page, of whose records so many say something new."""
    records = [
        Incoming({}, f"{number}-{each}", b"", b"", None, is_known=each >= news)  # as Foreknowledge leaves them
        for each in range(size)
    ]
    return Page((), str(number), deleted), records


def lots(*pages: Prepared) -> list[list[str]]:
    """By cursor of their pages, what is taken over together."""
    first = {records[0].external_id: said.cursor for said, records in pages}
    return [
        [first[each.external_id] for each in held if each.external_id in first] for _, held in gathered(iter(pages))
    ]


def test_pages_of_known_records_are_taken_over_together() -> None:
    pages = [page(number) for number in range(MOST_PAGES + 2)]
    assert [len(lot) for lot in lots(*pages)] == [MOST_PAGES, 2]


def test_every_record_comes_once_in_order_with_the_cursor_of_its_last_page() -> None:
    pages = [page(number, deleted=("x",) if number == 3 else ()) for number in range(9)]
    found = list(gathered(iter(pages)))
    assert [each for _, held in found for each in held] == [each for _, records in pages for each in records]
    assert [last.cursor for last, _ in found] == ["3", "8"]


def test_deletions_end_what_is_taken_over_together() -> None:
    assert lots(page(0), page(1, deleted=("C-1",)), page(2)) == [["0", "1"], ["2"]]


def test_page_full_of_news_waits_for_no_other() -> None:
    assert lots(page(0, size=200, news=150), page(1), page(2)) == [["0"], ["1", "2"]]


def test_first_round_of_which_nothing_is_known_goes_page_by_page() -> None:
    unasked = [(said, [*map(nobody_asked, records)]) for said, records in (page(0, size=200), page(1, size=200))]
    assert len(lots(*unasked)) == 2


def nobody_asked(record: Incoming) -> Incoming:
    record.is_known = None
    return record


def test_nothing_waits_for_a_slow_partner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "_PATIENCE_SECONDS", 0.01)

    def slow() -> Iterator[Prepared]:
        for number in range(3):
            time.sleep(0.02)
            yield page(number)

    assert [len(held) for _, held in gathered(slow())] == [3, 3, 3]


def test_failure_comes_behind_what_had_come_before_it() -> None:
    def broken() -> Iterator[Prepared]:
        yield page(0)
        yield page(1)
        raise ValueError

    walk = gathered(broken())
    assert next(walk)[0].cursor == "1"
    with pytest.raises(ValueError):  # our own, without words
        next(walk)


def test_what_two_pages_of_one_lot_say_of_a_record_ends_with_the_later_word(dealer: Dealer) -> None:
    names = [dealer.add_customer(f"Müşteri {number}") for number in range(6)]
    rows("""UPDATE sync_links SET settings = settings || '{"pagination": {"limit": 2}}' RETURNING 1""")
    dealer.sync()
    rows("DELETE FROM sync_cursors RETURNING 1")
    dealer.system.change("customers", names[0], {"given_name": "Iğdır"})

    asked = 0

    def change_back(request: object) -> None:
        nonlocal asked
        asked += 1
        if asked == 2:  # behind its page: it comes again at the end
            dealer.system.change("customers", names[0], {"given_name": "Şırnak"})

    dealer.moody.before = change_back
    dealer.sync()
    assert rows("SELECT given_name FROM customers WHERE given_name IN ('Iğdır', 'Şırnak')") == [("Şırnak",)]
