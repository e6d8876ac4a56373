"""`kopru connector new`: a package to begin a connector with, which keeps the contract as it stands."""

from __future__ import annotations

from pathlib import Path

import click

import connectors
from connectors import skeleton
from connectors.base import ConnectorError


@click.command("new")
@click.argument("name")
@click.option("--folder", type=click.Path(path_type=Path), help="Where to write it.  [default: kopru-NAME]")
def new(name: str, folder: Path | None) -> None:
    """Write a package for the connector NAME: it works at once, and its tests show what it keeps to.

    \b
    Example:  kopru connector new kartvizit
              kopru connector test kartvizit
    """
    if name in {each.name for each in connectors.available()}:
        raise click.ClickException(f"There is a connector '{name}' already; see: kopru connector list")
    try:
        written = skeleton.write(name, folder or Path(f"kopru-{name}"))
    except ConnectorError as refused:
        raise click.ClickException(refused.message) from None
    for file in written:
        click.echo(file)
    click.echo(f"Next: kopru connector test {name}" + (f" --path {folder}" if folder else ""))
