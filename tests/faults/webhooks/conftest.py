"""One stage for all webhook faults of a test process; every test gets it quiet, and looks at its own time alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.installation import seeded_random
from tests.faults.webhooks.stage import Stage, staged


@pytest.fixture(scope="package")
def standing_stage() -> Iterator[Stage]:
    """Started once, for that costs seconds, and stopped with the last of these tests: it never rests."""
    with staged(seeded_random("webhook stage")) as stage:
        yield stage


@pytest.fixture
def stage(standing_stage: Stage) -> Stage:
    """The stage, all up, and nothing waiting."""
    standing_stage.drain()
    standing_stage.begin()
    return standing_stage
