"""What a worker opens before it answers the bell."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from gateway import pool, queue, worker
from gateway.config import Settings


class Opened(Exception):
    """The database was opened with so many connections: that is as far as a test goes."""


@pytest.mark.parametrize(("name", "connections"), [(queue.SYNC, 19), (queue.WEBHOOKS, 3)])
def test_worker_opens_as_many_connections_as_its_runs_take(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str, connections: int
) -> None:
    def opened(url: str, *, pool_size: int, **options: Any) -> None:
        raise Opened(pool_size)

    monkeypatch.setattr(pool, "open_database", opened)
    for untouched in ("keep_one_heap", "_spare_the_collector", "open_nursery"):
        monkeypatch.setattr(worker, untouched, lambda: None)
    with pytest.raises(Opened, match=f"^{connections}$"):
        worker.answer_bell(replace(settings, pool_size=3, sync_threads=6), name)


_THREADS_AT_ONCE = """
import ctypes, threading
from gateway import worker
{keep_one_heap}
meeting = threading.Barrier(8)
def take():
    page = [bytes(5_000) for _ in range(100)]
    meeting.wait()
threads = [threading.Thread(target=take) for _ in range(8)]
[each.start() for each in threads]
[each.join() for each in threads]
ctypes.CDLL(None).malloc_stats()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="heaps are glibc's")
@pytest.mark.parametrize(("keep_one_heap", "is_one"), [("worker.keep_one_heap()", True), ("", False)])
def test_threads_of_a_worker_share_one_heap(keep_one_heap: str, is_one: bool) -> None:
    script = _THREADS_AT_ONCE.format(keep_one_heap=keep_one_heap)
    told = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=60)
    assert (told.stderr.count("Arena ") == 1) is is_one
