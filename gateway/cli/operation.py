"""Following long work from a command: a bar while somebody watches, and a question at Ctrl-C."""

from __future__ import annotations

import sys
import time
from uuid import UUID

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gateway.cli.output import console_of, show_one
from gateway.cli.place import opened, operator
from gateway.db import now, transaction
from gateway.longrunning import bell, service
from gateway.longrunning.kinds import kind_of
from gateway.longrunning.models import ACTIVE, Operation
from gateway.queue import ring_now

_LOOK_SECONDS = 0.3
_SHOWN = ("id", "kind", "status", "done", "total", "failed", "result", "error", "created_at", "finished_at")
_NOT_TAKEN_SECONDS = 10


def tell(operation: Operation, output: str, *, is_waited_for: bool) -> int:
    """Ring for work that was just started, stay until it has ended unless nobody waits, show it; the exit code."""
    with opened():
        ring_now([bell.bell_of(kind_of(operation.kind), operation.id)])
        ended = follow(operation.id) if is_waited_for else operation
    show_one({name: getattr(ended, name) for name in _SHOWN}, output)
    return 0 if not is_waited_for or ended.status in ("succeeded", *ACTIVE) else 1


def follow(operation_id: UUID) -> Operation:
    """Stay until work has ended, or its watcher leaves it to go on alone; answers it as it stands."""
    console = console_of(to_stderr=True)
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TextColumn("{task.fields[told]}"),
    )  # fmt: skip
    while True:
        try:
            with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
                return _watch(operation_id, progress)
        except KeyboardInterrupt:
            if not _is_to_be_cancelled():
                return _read(operation_id)
            _cancel(operation_id)


def _watch(operation_id: UUID, progress: Progress) -> Operation:
    operation = _read(operation_id)
    bar = progress.add_task(operation.kind, total=None, told="")
    while operation.status in ACTIVE:
        progress.update(bar, completed=operation.done, total=operation.total, told=_told(operation))
        time.sleep(_LOOK_SECONDS)
        operation = _read(operation_id)
    progress.update(bar, completed=operation.done, total=operation.total or operation.done, told="")
    return operation


def _told(operation: Operation) -> str:
    if operation.cancel_asked_at:
        return "ends after the present step"
    waited = (now() - operation.created_at).total_seconds()
    if operation.started_at is None and waited > _NOT_TAKEN_SECONDS:
        return f"no worker has taken it; does kopru work {kind_of(operation.kind).queue} run?"
    return ""


def _is_to_be_cancelled() -> bool:
    """Ask whoever pressed Ctrl-C; where nobody can answer it goes on in the background."""
    if not sys.stdin.isatty():
        return False
    return click.confirm("\nCancel it? Otherwise it goes on in the background", default=False, err=True)


def _cancel(operation_id: UUID) -> None:
    with transaction(operator("operation cancel")) as tx:
        service.cancel(tx, operation_id)


def _read(operation_id: UUID) -> Operation:
    with transaction(operator("operation show")) as tx:
        return service.get(tx, operation_id)
