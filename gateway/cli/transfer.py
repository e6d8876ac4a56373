"""`kopru transfer`: files of customers that come in and go out, and ending the work on one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click

from gateway.cli.naming import known
from gateway.cli.output import show_list, show_one, with_output
from gateway.cli.place import writing
from gateway.transfers import overview
from gateway.transfers.overview import Standing

_SAME = ("id", "direction", "format", "rows", "size", "created_by", "created_at")
_LISTED = ("id", "direction", "partner", "format", "rows", "size", "status", "done", "created_by", "created_at")
_MOST = 100


@click.group()
def transfer() -> None:
    """Look at imports and exports, and end one."""


@transfer.command("list")
@click.option("--active", is_flag=True, help="Only those under way.")
@with_output
def list_transfers(active: bool, output: str) -> None:
    """List files that came in or went out, whoever's, the newest first, with how far each is."""
    with writing("transfer list") as tx:
        shown = [_shown(each) for each in overview.find(tx, _MOST, is_active=active)]
    show_list(shown, _LISTED, output, "No such file.")


@transfer.command("cancel")
@click.argument("transfer", type=click.UUID)
@with_output
def cancel_transfer(transfer: UUID, output: str) -> None:
    """End the work on a TRANSFER after the present step; what was imported stays, of an export there is no file."""
    with known("file", "transfer list"), writing("transfer cancel") as tx:
        shown = _shown(overview.cancel(tx, transfer))
    show_one(shown, output)


def _shown(standing: Standing) -> dict[str, Any]:
    work = standing.work
    return {name: getattr(standing.transfer, name) for name in _SAME} | {
        "partner": standing.partner,
        "status": work.status if work else "received",
        "done": work.done if work else 0,
        "error": work.error if work else None,
        "cancel_asked_at": work.cancel_asked_at if work else None,
    }
