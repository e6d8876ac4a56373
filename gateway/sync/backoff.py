"""When to try again after a passing failure: a pure schedule."""

from __future__ import annotations

import random

MOST_TRIES = 10
_FIRST_SECONDS, _LONGEST_SECONDS = 1.0, 300.0


def wait_seconds(tries: int, retry_after: float | None = None, chance: float | None = None) -> float:
    """How long to wait after the failure number `tries`, 1 being the first.

    1, 2, 4, … 256, 300 s, each shortened by up to half at random so that links do not return in step: ten tries take
    about 8 to 14 minutes. A partner that names a later time is believed.
    """
    share = random.random() if chance is None else chance
    planned = min(_FIRST_SECONDS * 2.0 ** (tries - 1), _LONGEST_SECONDS) * (0.5 + share / 2)
    return max(planned, retry_after or 0.0)
