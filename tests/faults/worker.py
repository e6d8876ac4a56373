"""A worker as `gateway.worker` runs it, but with leases of a second or so, so that a killed one's work is soon free.

It is forked from a parent that has imported everything: a killed one is back at once, where the import would take a
second of processor time at each of many kills. Upkeep sweeps many times a second instead of every five.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from uuid import UUID

from gateway import queue, worker
from gateway.config import read_settings
from gateway.longrunning import work as long_work
from gateway.sync import attempt, jobs, lease, work
from gateway.sync.traffic import gate, slots
from gateway.webhooks.delivery import dispatch, due
from tests.faults.installation import HOLDER

_SWEEP_SECONDS = 0.15
_begin = attempt.begin


def begin(run_id: UUID) -> work.Work | None:
    """Take the run, and say who has it: Redis, which a test may have emptied, no longer knows."""
    taken = _begin(run_id)
    if taken is not None:
        Path(os.environ["KOPRU_VAR"], HOLDER).write_text(str(os.getpid()))
    return taken


def fork_again_and_again() -> None:
    """Return in a child; in the parent stay and return in another whenever one was killed, exit when one has ended."""
    while (child := os.fork()) != 0:
        signal.signal(signal.SIGTERM, lambda *_, pid=child: os.kill(pid, signal.SIGTERM))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code != -signal.SIGKILL:
            sys.exit(abs(code))
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def sweep_often() -> None:
    """Beside the chore, in a thread of its own; it begins once the process has opened its database."""
    while not threading.Event().wait(_SWEEP_SECONDS):
        worker._safely(worker.sweep)


if __name__ == "__main__":
    fork_again_and_again()
    jobs.begin = begin  # type: ignore[attr-defined]
    for module in (attempt, lease, work):
        setattr(module, "LEASE_SECONDS", 1)  # noqa: B010
    lease._RENEW_SECONDS = 0.2
    slots.HELD_SECONDS, gate._SLOT_RENEWAL = 1, 0.2
    due.LEASE_SECONDS, dispatch._STILL_OURS_SECONDS = 6, 1.0  # what is not killed has its answer in the rest of it
    long_work.LEASE_SECONDS = 4
    settings = read_settings()
    if sys.argv[1] == queue.UPKEEP:
        worker.open_everything(settings)
        threading.Thread(target=sweep_often, daemon=True).start()
    worker.run(settings, sys.argv[1])
