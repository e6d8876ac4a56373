"""`kopru sync backfill`, `kopru sync resync` and `kopru sync reset`: a range, a record or everything once more."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from gateway.cli.naming import Moment, as_id
from gateway.cli.output import with_output
from gateway.cli.place import writing
from gateway.cli.sync import follow, sync
from gateway.cli.sync_naming import link_of
from gateway.sync.repairs import service

_STREAMS = click.Choice(("customers", "interactions"))


@sync.command("backfill")
@click.argument("link")
@click.option("--since", type=Moment(), required=True, help="Where the range begins: 2026-11-01T09:00, or 3d ago.")
@click.option("--until", type=Moment(), help="Where it ends; now unless given.")
@click.option("--stream", type=_STREAMS, help="Of one stream.")
@with_output
def backfill(link: str, since: datetime, until: datetime | None, stream: str | None, output: str) -> None:
    """Read again what changed at LINK's partner in a range of time, and stay until it is done.

    \b
    Example:  kopru sync backfill "Bursa DMS" --since 30d --until 2d --stream customers
    """
    with writing("sync backfill") as tx:
        found = link_of(tx, link)
        run_id, name = service.start_range(tx, found.id, stream, since, until).id, found.name
    sys.exit(follow(run_id, name, output))


@sync.command("resync")
@click.argument("link")
@click.argument("stream", type=_STREAMS)
@click.argument("record")
@with_output
def resync(link: str, stream: str, record: str, output: str) -> None:
    """Ask LINK's partner for one RECORD, by its id there or here, and take it as it is now.

    \b
    Example:  kopru sync resync "Bursa DMS" customers C-00042
    """
    with writing("sync resync") as tx:
        found, ours = link_of(tx, link), as_id(record)
        asked = service.start_record(tx, found.id, stream, None if ours else record, ours)
        run_id, name = asked.id, found.name
    sys.exit(follow(run_id, name, output))


@sync.command("reset")
@click.argument("link")
@click.option("--stream", type=_STREAMS, help="One stream alone.")
@click.confirmation_option(prompt="The next run reads everything from the beginning. Go on?")
def reset(link: str, stream: str | None) -> None:
    """Forget how far LINK has read; its next run begins at the very beginning and doubles nothing."""
    with writing("sync reset") as tx:
        found = service.reset(tx, link_of(tx, link).id, stream)
        click.echo(f"{found.name} begins at the beginning with its next run: kopru sync run {found.name!r}")
