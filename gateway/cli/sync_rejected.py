"""`kopru sync`: what could not be taken over, taken again or forgotten, and deletions too many to believe."""

from __future__ import annotations

import sys
from typing import Any
from uuid import UUID

import click

from gateway.cli.naming import known
from gateway.cli.output import show_list, with_output
from gateway.cli.place import writing
from gateway.cli.sync import follow, sync
from gateway.cli.sync_naming import link_of
from gateway.sync.deletions import service as deletions
from gateway.sync.models import RejectedRecord
from gateway.sync.quarantine import service as quarantine

_COLUMNS = ("id", "stream", "external_id", "seen", "last_seen_at", "reasons")
_MOST = 100
_STREAM = click.option("--stream", type=click.Choice(("customers", "interactions")), help="Of one stream.")
_CODE = click.option("--code", help="With this code among the reasons.")


@sync.command("rejected")
@click.argument("link", required=False)
@_STREAM
@_CODE
@click.option("--external-id", help="What the partner calls it.")
@with_output
def list_rejected(link: str | None, stream: str | None, code: str | None, external_id: str | None, output: str) -> None:
    """List records that could not be taken over, with their reasons: of one LINK or of all."""
    with writing("sync rejected") as tx:
        link_id = link_of(tx, link).id if link else None
        found = quarantine.list_rejected(tx, link_id, limit=_MOST, stream=stream, code=code, external_id=external_id)
        records = [_rejected(each) for each in found]
    show_list(records, _COLUMNS, output, "Nothing was rejected.")


@sync.command("replay")
@click.argument("link")
@_STREAM
@_CODE
@click.option("--id", "ids", type=click.UUID, multiple=True, help="These alone; see: kopru sync rejected")
@with_output
def replay(link: str, stream: str | None, code: str | None, ids: tuple[UUID, ...], output: str) -> None:
    """Take rejected records of LINK again, once the partner or the link is mended, and stay until it is done.

    \b
    Example:  kopru sync replay "Eskişehir Oto DMS" --stream customers --code invalid
    """
    chosen = {name: value for name, value in (("stream", stream), ("code", code), ("ids", ids)) if value}
    with writing("sync replay") as tx:
        found = link_of(tx, link)
        run_id, name = quarantine.replay(tx, found.id, chosen).id, found.name
    sys.exit(follow(run_id, name, output))


@sync.command("discard")
@click.argument("rejected", type=click.UUID)
def discard(rejected: UUID) -> None:
    """Forget the record REJECTED (its id); should the partner send it again, it is judged again."""
    with known("rejected record", "sync rejected"), writing("sync discard") as tx:
        quarantine.discard(tx, rejected)
    click.echo("Forgotten.")


@sync.command("confirm-deletions")
@click.argument("link")
@with_output
def confirm_deletions(link: str, output: str) -> None:
    """Resume LINK where a full listing stopped because it would delete too much, and stay until it is done."""
    with writing("sync confirm-deletions") as tx:
        found = link_of(tx, link)
        run_id, name = deletions.confirm(tx, found.id).id, found.name
    sys.exit(follow(run_id, name, output))


def _rejected(record: RejectedRecord) -> dict[str, Any]:
    reasons = [f"{reason.get('pointer', '')}: {reason.get('message', '')}" for reason in record.reasons]
    return {**{name: getattr(record, name) for name in _COLUMNS}, "reasons": reasons}
