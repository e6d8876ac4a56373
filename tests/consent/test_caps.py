"""Caps: in no stretch of their length do more contacts lie than they allow, whatever is asked in which order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.consent.rules.caps import Cap, binding, counted

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
WEEK = Cap("marketing", None, 3, timedelta(days=7))


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def test_place_is_free_until_the_cap_is_full_and_again_when_the_oldest_is_a_window_old() -> None:
    taken = [day(0), day(1), day(2)]
    assert WEEK.has_place(taken[:2], day(2))
    assert not WEEK.has_place(taken, day(3))
    assert WEEK.next_place(taken, day(3)) == day(7)


def test_contact_between_planned_ones_counts_with_those_behind_it() -> None:
    assert not WEEK.has_place([day(4), day(5), day(6)], day(0))
    assert WEEK.has_place([day(4), day(5), day(7)], day(0))


def test_cap_of_none_has_no_place_ever() -> None:
    nobody = Cap(None, None, 0, timedelta(days=1))
    assert nobody.next_place([], day(0)) is None


@pytest.mark.parametrize(
    ("cap", "counts"),
    [
        (Cap(None, None, 1, timedelta(1)), True),
        (Cap("marketing", "email", 1, timedelta(1)), True),
        (Cap("research", None, 1, timedelta(1)), False),
        (Cap(None, "sms", 1, timedelta(1)), False),
    ],
)
def test_cap_counts_its_purpose_and_channel(cap: Cap, counts: bool) -> None:
    assert binding([cap], "marketing", "email") == ([cap] if counts else [])
    assert counted(cap, [("marketing", "email", day(0))]) == ([day(0)] if counts else [])


@given(wishes=st.lists(st.integers(0, 30 * 24), max_size=30), most=st.integers(1, 4), days=st.integers(1, 9))
def test_no_stretch_ever_holds_too_many(wishes: list[int], most: int, days: int) -> None:
    cap, taken = Cap(None, None, most, timedelta(days=days)), []
    for hour in wishes:
        place = cap.next_place(taken, day(hour / 24))
        assert place is not None
        assert place >= day(hour / 24)
        taken.append(place)
    for begin in taken:
        assert sum(begin <= each < begin + cap.window for each in taken) <= most


@given(wishes=st.lists(st.integers(0, 20 * 24), max_size=12), hour=st.integers(0, 20 * 24))
def test_place_that_is_named_is_the_first(wishes: list[int], hour: int) -> None:
    taken: list[datetime] = []
    for each in wishes:
        if WEEK.has_place(taken, day(each / 24)):
            taken.append(day(each / 24))
    place = WEEK.next_place(taken, day(hour / 24))
    before = (day(earlier / 24) for earlier in range(hour, 40 * 24))
    first = next(each for each in before if WEEK.has_place(taken, each))
    assert place == first
