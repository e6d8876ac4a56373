"""The books say what was lost, invented, leaked, doubled in another form, or out of order."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.faults.webhooks.books import Books
from tests.faults.webhooks.happened import Arrival, Happened, Listening

CEM = "cem"


def happened(event_id: str, kind: str = "customer.updated", partner: str | None = None) -> Happened:
    return Happened(event_id, kind, CEM, {"id": CEM}, partner=partner)


def arrival(event: Happened, at: float, good_at: float | None = None, **more: Any) -> Arrival:
    body = {"id": event.id, "type": event.type, "data": {"id": CEM, **more}}
    return Arrival("here", event.id, json.dumps(body).encode(), at, at if good_at is None else good_at)


SHARED, FIRST, SECOND = happened("0", "customer.shared", "bursa"), happened("1"), happened("2")
ENDED, AFTER = happened("3", "customer.unshared", "bursa"), happened("4")
EVENTS = [SHARED, FIRST, SECOND, ENDED, AFTER]
OWED = [arrival(each, at) for at, each in enumerate(EVENTS[:4])]
PARTNER = Listening("here", "bursa", is_ordered=True)
CHANGED = arrival(FIRST, 1.5, internal_note="Gizli")


def said(arrivals: list[Arrival], listening: Listening = PARTNER) -> str:
    return "; ".join(Books(EVENTS, arrivals).differences([listening]))


def test_books_that_agree_show_no_difference() -> None:
    assert said(OWED) == ""


def test_what_the_end_of_a_share_withdrew_need_not_come() -> None:
    assert said([OWED[3]]) == ""


@pytest.mark.parametrize(
    ("arrivals", "what"),
    [
        (OWED[:3], "never heard"),
        ([*OWED, arrival(AFTER, 9)], "not for it"),
        ([*OWED, arrival(happened("9"), 9)], "never happened"),
        ([*OWED[:2], CHANGED, *OWED[2:]], "not the same each time"),
        ([OWED[0], CHANGED, *OWED[2:]], "with another content"),
        ([OWED[0], OWED[2], OWED[1], OWED[3]], "out of order"),
        ([OWED[0], arrival(FIRST, 1, 2.5), arrival(SECOND, 2), OWED[3]], "out of order"),
        ([*OWED, arrival(FIRST, 9)], "out of order"),
    ],
)
def test_books_say_what_went_wrong(arrivals: list[Arrival], what: str) -> None:
    assert what in said(arrivals)


def test_books_see_what_was_sent_to_somebody_away_or_too_fast() -> None:
    away = Listening("here", "bursa", absences=[(-9.0, 2.5)])
    hasty = Listening("here", "bursa", rate_per_minute=6)
    assert ("while it was away" in said(OWED, away), "too fast" in said(OWED, hasty)) == (True, True)
