"""The schedule: pure, spread, ended."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from gateway.webhooks.delivery.receiver_wish import retry_after
from gateway.webhooks.delivery.retry import DELAYS, next_attempt

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Middle(Random):
    """Draws the middle of every range."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


def test_ten_tries_span_75_hours_35_minutes_and_5_seconds() -> None:
    moment, tries = NOON, 1
    while (later := next_attempt(tries, moment, Middle())) is not None:
        moment, tries = later, tries + 1
    assert (tries, moment - NOON) == (10, timedelta(hours=75, minutes=35, seconds=5))


@pytest.mark.parametrize("count", range(1, len(DELAYS) + 1))
def test_every_delay_is_spread_by_a_fifth_both_ways(count: int) -> None:
    random, delay = Random(count), DELAYS[count - 1]
    drawn = [
        (moment - NOON).total_seconds() for _ in range(200) if (moment := next_attempt(count, NOON, random)) is not None
    ]
    assert 0.8 * delay <= min(drawn) < 0.85 * delay
    assert 1.15 * delay < max(drawn) <= 1.2 * delay


@pytest.mark.parametrize(
    ("wish", "wait"),
    [(None, 5), (0.0, 5), (3.0, 5), (60.0, 60), (1e9, 86_400)],
)
def test_receiver_can_put_the_next_try_off_by_a_day_at_most(wish: float | None, wait: int) -> None:
    assert next_attempt(1, NOON, Middle(), wish) == NOON + timedelta(seconds=wait)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("9" * 400, 999_999_999.0),
        ("-5", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Mon, 01 Jan 2024 00:00:00 +99999999999999999999", None),
        ("yarın", None),
        ("١٢", None),
        ("", None),
    ],
)
def test_wish_of_the_receiver_is_read_strictly(said: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": said}) == seconds
