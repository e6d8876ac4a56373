"""`kopru audit`: who did what, and the proof that nobody rewrote it."""

from __future__ import annotations

import sys

import click
from sqlalchemy import func, select

from gateway import audit as trail
from gateway.cli.output import busy, show_list, show_one, with_output
from gateway.cli.place import writing
from gateway.db import Transaction

_FIELDS = ("at", "actor", "action", "resource", "resource_id", "channel", "address", "request_id", "purpose", "detail")


@click.group("audit")
def audit() -> None:
    """The audit trail.

    \b
    Example:  kopru audit tail --resource customer
              kopru audit verify
    """


@audit.command("verify")
@with_output
def verify(output: str) -> None:
    """Recompute the hash chain; exit code 1 when an entry was changed or removed."""
    with writing("audit verify") as tx, busy("Recomputing the chain …"):
        verdict = trail.verify(tx)
        unsealed = _unsealed(tx)
    show_one(
        {"holds": verdict.broken_at is None, "checked": verdict.checked, "broken_at": verdict.broken_at}
        | {"not_sealed_yet": unsealed},
        output,
    )
    sys.exit(0 if verdict.broken_at is None else 1)


@audit.command("tail")
@click.option("-n", "limit", default=20, show_default=True, type=click.IntRange(1, 10_000), help="How many.")
@click.option("--action", help="Only this action, such as client.disabled.")
@click.option("--resource", help="Only this kind of record, such as customer.")
@click.option("--id", "resource_id", help="Only this record.")
@with_output
def tail(limit: int, action: str | None, resource: str | None, resource_id: str | None, output: str) -> None:
    """List the newest entries, the newest last."""
    wanted = {"action": action, "resource": resource, "resource_id": resource_id}
    newest = select(trail.AuditEntry).filter_by(**{name: value for name, value in wanted.items() if value})
    with writing("audit tail") as tx:
        entries = tx.scalars(newest.order_by(trail.AuditEntry.at.desc(), trail.AuditEntry.id.desc()).limit(limit))
        records = [{name: getattr(each, name) for name in _FIELDS} for each in reversed(entries)]
    show_list(records, _FIELDS[:5], output, "No such entry.")


def _unsealed(tx: Transaction) -> int:
    sealed = select(trail.AuditSeal.entry_id)
    statement = select(func.count()).select_from(trail.AuditEntry).where(trail.AuditEntry.id.not_in(sealed))
    return int(tx.session.scalar(statement) or 0)
