"""A pytest plugin: how a run is shared out between its workers. Tests that stand on one costly stage stay together.

What one worker must do alone and what takes longest is begun first; small files come last and fill the end evenly.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# Each is one share. The first that fits counts; everything else is shared out by file and class.
TOGETHER = (
    "tests/faults/test_up.py",
    "tests/faults/webhooks/",
    "tests/faults/",
    "tests/connectors/test_tryton.py",
    "tests/connectors/test_odata.py",
)
FIRST = "tests/faults/"
MOST_WORKERS = 8


class Shares(LoadScopeScheduling):
    """By file and class, but for what belongs together."""

    def _split_scope(self, nodeid: str) -> str:
        return share_of(nodeid) or super()._split_scope(nodeid)


def share_of(nodeid: str) -> str | None:
    """The share that a test belongs to besides its own file or class."""
    return next((each for each in TOGETHER if nodeid.startswith(each)), None)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Shares:
    """The scheduler in the place of xdist's own."""
    return Shares(config, log)


def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are processors: much of a run is waiting for a process to start or a time to come."""
    return min(MOST_WORKERS, max(1, (os.cpu_count() or 1) * 3 // 2))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what is one long share."""
    items.sort(key=lambda item: share_of(item.nodeid) != FIRST)
