"""`kopru connector`: the kinds of partner systems."""

from __future__ import annotations

import click

import connectors
from gateway.cli.output import show_list, with_output


@click.group("connector")
def connector() -> None:
    """Kinds of partner systems this installation can talk to."""


@connector.command("list")
@with_output
def list_connectors(output: str) -> None:
    """List the connectors; one that cannot be used says why."""
    records = [
        {"name": each.name, "title": each.title, "streams": list(each.streams), "can": sorted(each.can)}
        | {"error": each.error, "settings_schema": each.settings_schema}
        for each in connectors.available()
    ]
    show_list(records, ("name", "title", "streams", "can", "error"), output)
