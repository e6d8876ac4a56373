"""What a worker opens before it answers the bell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway import db, queue, worker
from gateway.config import Settings


class Opened(Exception):
    """The database was opened with so many connections: that is as far as a test goes."""


@pytest.mark.parametrize(("name", "connections"), [(queue.SYNC, 13), (queue.WEBHOOKS, 3)])
def test_worker_opens_as_many_connections_as_its_runs_take(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str, connections: int
) -> None:
    def opened(url: str, *, pool_size: int, **options: Any) -> None:
        raise Opened(pool_size)

    monkeypatch.setattr(db, "open_database", opened)
    for untouched in ("_spare_the_collector", "open_nursery"):
        monkeypatch.setattr(worker, untouched, lambda: None)
    with pytest.raises(Opened, match=f"^{connections}$"):
        worker.answer_bell(replace(settings, pool_size=3, sync_threads=6), name)
