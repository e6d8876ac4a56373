"""Watching a sync run: a bar for each stream, from the counters that every page commits."""

from __future__ import annotations

import time
from uuid import UUID

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from gateway.cli.output import console_of
from gateway.cli.place import operator
from gateway.db import transaction
from gateway.sync import service
from gateway.sync.models import ACTIVE, SyncRun

_LOOK_SECONDS = 0.3
_TOLD = ("created", "changed", "rejected", "pushed", "failed")


def watch(run_id: UUID) -> SyncRun:
    """Stay until the run has ended, drawing its bars on stderr where somebody watches; answers the ended run."""
    console = console_of(to_stderr=True)
    columns = (
        TextColumn("{task.description:<14}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TextColumn("{task.fields[told]}"),
    )  # fmt: skip
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bars: dict[str, TaskID] = {}
        while (run := _read(run_id)).status in ACTIVE:
            _draw(progress, bars, run)
            time.sleep(_LOOK_SECONDS)
        _draw(progress, bars, run)
    return run


def _draw(progress: Progress, bars: dict[str, TaskID], run: SyncRun) -> None:
    for stream, counts in service.counts_of(run).items():
        if stream not in bars:
            bars[stream] = progress.add_task(stream, total=None, told="")
        total = counts.get("total") if run.status in ACTIVE else counts["read"]
        progress.update(bars[stream], completed=counts["read"], total=total, told=_tell(counts, run))


def _tell(counts: dict[str, int], run: SyncRun) -> str:
    told = ", ".join(f"{counts[name]:,} {name}" for name in _TOLD if counts[name])
    return f"{told} · waits: {run.error}" if run.status == "queued" and run.error else told


def _read(run_id: UUID) -> SyncRun:
    with transaction(operator("sync run")) as tx:
        return service.get_run(tx, run_id)
