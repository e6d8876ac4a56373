"""A budget holds in every minute, however the workers draw from it."""

from __future__ import annotations

import bisect
import random

import pytest

from gateway.sync.traffic.budget import LOT_SECONDS, draw


@pytest.mark.parametrize("per_minute", [1, 2, 7, 10, 60, 99, 600, 2000])
def test_no_minute_sees_more_requests_than_the_budget(per_minute: int) -> None:
    chance = random.Random(per_minute)
    tokens, drawn_at, now = float(per_minute), 0.0, 0.0  # as full as can be
    sent: list[float] = []
    while now < 200:
        granted, tokens, wait = draw(per_minute, tokens, now - drawn_at)
        drawn_at = now
        sent += [now + chance.random() * LOT_SECONDS for _ in range(granted)]
        now += max(wait, chance.random() * LOT_SECONDS)
    sent.sort()
    busiest = max(bisect.bisect_left(sent, at + 60.0) - index for index, at in enumerate(sent))
    assert 0.8 * per_minute <= busiest <= per_minute


def test_what_is_waited_for_is_there_afterwards() -> None:
    granted, kept, wait = draw(6, 0.0, 0.0)
    assert granted == 0 and 0 < wait < 11
    assert draw(6, kept, wait).granted == 1


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    assert draw(60, 0.0, -3600.0).granted == 0
