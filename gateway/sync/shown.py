"""Runs as the API shows them."""

from __future__ import annotations

from typing import Any

from gateway.db import now
from gateway.http import Call, Reply, accepted
from gateway.sync.models import SyncRun
from gateway.sync.progress import rate, seconds_left
from gateway.sync.runs import counts_of

_FIELDS = ("id", "link_id", "mode", "status", "tries", "attempt", "error", "created_at", "started_at", "finished_at")


def run_form(run: SyncRun) -> dict[str, Any]:
    """A run with its counts, as `schemas.sync.Run`."""
    at = now()
    return {
        **{name: getattr(run, name) for name in _FIELDS},
        "streams": counts_of(run),
        "cursors": _cursors(run),
        "rate": rate(run, at),
        "seconds_left": seconds_left(run, at),
    }


def _cursors(run: SyncRun) -> dict[str, dict[str, str | None]]:
    streams = sorted({*run.cursors_before, *run.cursors_after})
    return {name: {"before": run.cursors_before.get(name), "after": run.cursors_after.get(name)} for name in streams}


def begun(call: Call, run: SyncRun) -> Reply:
    """202 with the run that was asked for, and where to follow it."""
    return accepted(run_form(run), f"{call.base}/sync/runs/{run.id}")
