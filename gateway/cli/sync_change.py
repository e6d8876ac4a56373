"""`kopru sync change`: a link's settings, name and pace, changed where it stands."""

from __future__ import annotations

from typing import Any, BinaryIO

import click

from gateway.cli.output import show_one, with_output
from gateway.cli.place import writing
from gateway.cli.sync import link_record, read_settings, sync
from gateway.cli.sync_naming import link_of
from gateway.sync import service
from gateway.validation import load
from schemas.sync import LinkPatch

_NONE_AT_ZERO = ("interval_seconds", "requests_per_minute")


@sync.command("change")
@click.argument("link")
@click.option("--settings", type=click.File("rb"), help="JSON file of all its settings; - reads a pipe.")
@click.option("--name", help="Another name.")
@click.option("--every", "interval_seconds", type=int, help="Seconds between runs; 0: on demand.")
@click.option("--per-minute", "requests_per_minute", type=int, help="Requests to the partner; 0: no limit of ours.")
@click.option("--at-once", "most_concurrent", type=int, help="Requests to the partner under way at the same time.")
@with_output
def change_link(link: str, settings: BinaryIO | None, output: str, **said: Any) -> None:
    """Change LINK; what is left out stays as it is.

    New settings replace all old ones. A secret that they leave out is kept, unless they lead to another host.

    \b
    Example:  kopru sync change "Bursa DMS" --settings bursa.json
              kopru sync change "Bursa DMS" --every 300 --per-minute 60
    """
    said["settings"] = None if settings is None else read_settings(settings)
    patch = load(LinkPatch, {name: _wish(name, value) for name, value in said.items() if value is not None})
    if not patch:
        raise click.UsageError("Say what to change; see: kopru sync change --help")
    with writing("sync change") as tx:
        found = link_of(tx, link)
        service.change_link(tx, found.id, patch, found.version)
        record = link_record(found, service.partner_codes(tx, [found])[found.partner_id])
    show_one(record, output)


def _wish(name: str, value: Any) -> Any:
    return None if name in _NONE_AT_ZERO and value == 0 else value
