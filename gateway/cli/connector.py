"""`kopru connector`: the kinds of partner systems."""

from __future__ import annotations

import click

import connectors
from gateway.cli.connector_claims import test
from gateway.cli.connector_new import new
from gateway.cli.output import show_list, with_output


@click.group("connector")
def connector() -> None:
    """Kinds of partner systems this installation can talk to, and the making of one's own."""


connector.add_command(new)
connector.add_command(test)


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
