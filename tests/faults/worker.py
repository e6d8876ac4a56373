"""A worker as `gateway.worker` runs it, but with leases of a second or so, so that a killed one's work is soon free.

Upkeep sweeps many times a second instead of every five.
"""

from __future__ import annotations

import sys
import threading

from gateway import queue, worker
from gateway.config import read_settings
from gateway.sync import work
from gateway.webhooks import dispatch, due

_SWEEP_SECONDS = 0.15

work.LEASE_SECONDS = 1
work._RENEW_SECONDS = 0.2
due.LEASE_SECONDS = 3
dispatch._STILL_OURS_SECONDS = 1.5


def sweep_often() -> None:
    """Beside the chore, in a thread of its own; it begins once the process has opened its database."""
    while not threading.Event().wait(_SWEEP_SECONDS):
        worker._safely(worker.sweep)


if __name__ == "__main__":
    settings = read_settings()
    if sys.argv[1] == queue.UPKEEP:
        worker.open_everything(settings)
        threading.Thread(target=sweep_often, daemon=True).start()
    worker.run(settings, sys.argv[1])
