"""What partners say of their rate limits, in each of the ways they say it."""

from __future__ import annotations

import pytest

from connectors.wire.rate_limit import used_up
from connectors.wire.retry_after import pause

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"RateLimit": '"default";r=0;t=30'}, 30),
        ({"RateLimit": '"default";r=5;t=30'}, None),
        ({"RateLimit": '"burst";r=0;t=2, "daily";r=0;t=900'}, 900),
        ({"RateLimit": '"burst";r=7;t=2, "daily";r=0;pk=:c2lnbg==:;t=900'}, 900),
        ({"RateLimit": '"default";r=0', "RateLimit-Policy": '"default";q=100;w=60'}, 60),
        ({"RateLimit": '"default";r=0'}, None),
        ({"RateLimit": "limit=100, remaining=0, reset=12"}, 12),
        ({"RateLimit": "limit=100, remaining=1, reset=12"}, None),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "9"}, 9),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1800000045"}, 45),
        ({"X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "1800000045"}, None),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "nan"}, None),
        ({"RateLimit": '"' * 5000}, None),
        ({"RateLimit": '"d";r=0;t=-4'}, None),
    ],
)
def test_a_limit_that_is_used_up_is_understood(headers: dict[str, str], seconds: float | None) -> None:
    assert used_up(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"Retry-After": "20"}, 20),
        (503, {"Retry-After": "Fri, 15 Jan 2027 08:01:00 GMT"}, 60),
        (503, {"Retry-After": "Thu, 14 Jan 2027 08:01:00 GMT"}, 0),
        (429, {"Retry-After": "-7"}, 0),
        (429, {"Retry-After": "1e30"}, 3600),
        (429, {"RateLimit": '"d";r=0;t=8'}, 8),
        (429, {}, 0),
        (200, {"Retry-After": "20"}, 0),
        (200, {"RateLimit": '"d";r=0;t=99999999'}, 3600),
    ],
)
def test_an_answer_asks_for_quiet_and_for_an_hour_at_most(status: int, headers: dict[str, str], seconds: float) -> None:
    assert pause(status, headers, NOW) == seconds
