"""`python -m tests.journeys.demo_watch WHAT LINK`, beside a running demo: waits without starting a command a second.

WHAT is `received`, `idle` or `open`: a run that took over a delivery, no active run, an open circuit. With `unschedule`
the link's clock starts nothing more, and `idle` is waited for: it would be in the way of what the test starts.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from gateway.channels import Caller
from gateway.cli.place import opened
from gateway.db import Transaction, transaction
from gateway.sync.links import find_link
from gateway.sync.models import SyncLink
from gateway.sync.runs import active_run, list_runs
from gateway.sync.schedules import service as schedules

_SECONDS = 120.0


def was_received(tx: Transaction, link: SyncLink) -> bool:
    """Whether something that the partner told of was taken over."""
    return any(run.mode == "received" and run.status == "succeeded" for run in list_runs(tx, link.id))


CONDITIONS: dict[str, Callable[[Transaction, SyncLink], bool]] = {
    "received": was_received,
    "idle": lambda tx, link: active_run(tx, link.id) is None,
    "open": lambda _, link: link.circuit == "open",
}


def look(what: str, name: str) -> bool:
    """Whether it is so by now."""
    with transaction(Caller.system("test")) as tx:
        link = find_link(tx, name)
        return link is not None and CONDITIONS[what](tx, link)


def unschedule(name: str) -> None:
    """End every schedule of the link."""
    with transaction(Caller.system("test")) as tx:
        link = find_link(tx, name)
        for schedule in schedules.list_schedules(tx, link.id if link else None):
            schedules.remove_schedule(tx, schedule.id)


def main(what: str, name: str) -> None:
    """Do it, or wait for it; ends with 1 where it does not come."""
    deadline = time.monotonic() + _SECONDS
    with opened():
        if what == "unschedule":
            unschedule(name)
        while not look("idle" if what == "unschedule" else what, name):
            if time.monotonic() > deadline:
                sys.exit(f"after {_SECONDS:.0f} s {name} is not {what}")
            time.sleep(0.2)


if __name__ == "__main__":
    main(*sys.argv[1:])
