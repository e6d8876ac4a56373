"""Runs as the API shows them."""

from __future__ import annotations

from typing import Any

from gateway.http import Call, Reply, accepted
from gateway.sync.models import SyncRun
from gateway.sync.runs import counts_of

_FIELDS = ("id", "link_id", "status", "error", "created_at", "started_at", "finished_at")


def run_form(run: SyncRun) -> dict[str, Any]:
    """A run with its counts, as `schemas.sync.Run`."""
    return {name: getattr(run, name) for name in _FIELDS} | {"streams": counts_of(run)}


def begun(call: Call, run: SyncRun) -> Reply:
    """202 with the run that was asked for, and where to follow it."""
    return accepted(run_form(run), f"{call.base}/sync/runs/{run.id}")
