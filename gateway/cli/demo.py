"""`kopru demo`: where the demo's world is, and how to get in."""

from __future__ import annotations

import click
import orjson

from gateway.cli.output import console_of, show_json, with_output
from gateway.cli.place import var_folder
from gateway.errors import NotFound
from gateway.up_demo import table_of


@click.group("demo")
def demo() -> None:
    """The demo's world, made by: kopru up --demo"""


@demo.command("show")
@with_output
def show_demo(output: str) -> None:
    """Print the demo's addresses and sign-ins again."""
    place = var_folder() / "demo.json"
    if not place.exists():
        raise NotFound(f"{place} is not there; kopru up --demo writes it.")
    description = orjson.loads(place.read_bytes())
    if output == "json":
        show_json(description)
        return
    console_of().print(table_of(description))
