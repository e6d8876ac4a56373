"""The ledger sees what it is there to see."""

from __future__ import annotations

import pytest

from tests.faults.ledger import Ledger

BOOKS = {
    "acknowledged": {"a": "1", "b": "2"},
    "stored": [("a", "1"), ("b", "2")],
    "told": ["1", "2"],
    "partner_has": ["a", "b"],
    "owed": ["e1", "e2"],
    "heard": ["e1", "e2", "e2"],
}


def test_books_that_agree_show_no_difference() -> None:
    assert Ledger(**BOOKS).differences() == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("page", "entries", "said"),
    [
        ("stored", [("a", "1")], "1 acknowledged and not stored: b"),
        ("stored", [("a", "1"), ("b", "2"), ("b", "3")], "1 stored more than once: b"),
        ("stored", [("a", "1"), ("b", "9")], "1 acknowledged under one id and stored under another: b"),
        ("stored", [("a", "1"), ("b", "2"), ("c", "3")], "1 stored and not acknowledged: c"),
        ("told", ["1"], "1 stored and not told by an event: 2"),
        ("told", ["1", "2", "2"], "1 told by an event more than once: 2"),
        ("partner_has", ["a"], "1 stored and not at the partner: b"),
        ("partner_has", ["a", "b", "b"], "1 at the partner more than once: b"),
        ("heard", ["e1"], "1 owed and never heard: e2"),
        ("heard", ["e1", "e2", "e3"], "1 heard and not owed: e3"),
    ],
)
def test_ledger_says_what_was_lost_or_doubled(page: str, entries: object, said: str) -> None:
    assert said in Ledger(**{**BOOKS, page: entries}).differences()  # type: ignore[arg-type]
