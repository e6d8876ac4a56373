"""`kopru rights`: requests about personal data, and erasing again after a backup was restored."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from gateway import features
from gateway.cli.output import show_list, with_output
from gateway.cli.place import opened, operator
from gateway.db import now, transaction
from gateway.errors import Conflict
from gateway.longrunning.models import ACTIVE, Operation
from gateway.longrunning.work import work_on
from gateway.rights.cases import service as cases
from gateway.rights.erasure import log, notices, replay
from gateway.rights.erasure.log import Line

ERASES = features.ERASES  # an erasure forgets what is registered in this very process
_CASE = ("id", "kind", "customer_id", "status", "due_at", "is_overdue")
_OWED = ("partner", "case_id", "told_at", "due_at", "reminders")
_REPLAYED = ("case_id", "erased_at", "back", "status")
_MOST = 100


@click.group()
def rights() -> None:
    """Requests of customers about their own data."""


@rights.command("list")
@click.option("--overdue", is_flag=True, help="Only those whose time to answer has passed.")
@with_output
def list_cases(overdue: bool, output: str) -> None:
    """List requests, the newest first."""
    moment = now()
    with opened(), transaction(operator("rights list")) as tx:
        found = cases.find(tx, _MOST, is_overdue=overdue or None)
        shown = [_shown(case, is_overdue=cases.is_overdue(case, moment)) for case in found]
    show_list(shown, _CASE, output, "No such request.")


@rights.command("owed")
@click.option("--overdue", is_flag=True, help="Only those whose time to answer has passed.")
@with_output
def list_owed(overdue: bool, output: str) -> None:
    """List the erasures that partners were told of and have not acknowledged, what is due first before the others."""
    with opened(), transaction(operator("rights owed")) as tx:
        found = notices.owed(tx, _MOST, now() if overdue else None)
        shown = [{"partner": code, **{name: getattr(each, name) for name in _OWED[1:]}} for code, each in found]
    show_list(shown, _OWED, output, "No partner owes an answer.")


@rights.command("replay")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--dry-run", is_flag=True, help="Show what would be erased again, and erase nothing.")
@with_output
def replay_erasures(file: Path | None, dry_run: bool, output: str) -> None:
    """Erase again whoever a restored backup has brought back; FILE is KOPRU_ERASURE_LOG unless given.

    Exit code 1 when a line of the log cannot be relied on; the others are replayed all the same.

    \b
    Example:  kopru rights replay --dry-run
    """
    with opened() as settings:
        place = file or settings.erasure_file
        if place is None or not place.exists():
            raise Conflict("There is no erasure log: give its file, or set KOPRU_ERASURE_LOG.")
        lines, bad = log.read(place)
        with transaction(operator("rights replay"), statement_seconds=600) as tx:
            left = replay.left_to_do(tx, lines)
        shown = [_replayed(line, left[line.case_id], dry_run=dry_run) for line in lines if line.case_id in left]
    show_list(shown, _REPLAYED, output, "Every erasure of the log holds here.")
    for wrong in bad:
        click.echo(f"kopru: {wrong}", err=True)
    sys.exit(1 if bad else 0)


def _replayed(line: Line, back: Any, *, dry_run: bool) -> dict[str, Any]:
    shown = {"case_id": line.case_id, "erased_at": line.erased_at, "back": len(back), "status": "to be erased"}
    if dry_run:
        return shown
    with transaction(operator("rights replay")) as tx:
        operation_id = replay.erase_again(tx, line, back).id
    while True:
        work_on(operation_id)
        with transaction(operator("rights replay")) as tx:
            operation = tx.session.get_one(Operation, operation_id)
        if operation.status not in ACTIVE or operation.tries or operation.leased_until is not None:
            return {**shown, "status": operation.status}  # else a worker has it, or will


def _shown(case: Any, *, is_overdue: bool) -> dict[str, Any]:
    return {name: getattr(case, name) for name in _CASE if name != "is_overdue"} | {"is_overdue": is_overdue}
