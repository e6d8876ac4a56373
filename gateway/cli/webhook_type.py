"""`kopru webhook add-type`, `change-type`: event types of the house's own; `kopru webhook events` lists all."""

from __future__ import annotations

from typing import Any

import click

from gateway.cli.output import show_one, with_output
from gateway.cli.place import writing
from gateway.cli.webhook import webhook
from gateway.cli.webhook_wishes import read_json, wished
from gateway.validation import load
from gateway.webhooks.catalogue import service
from gateway.webhooks.catalogue.shown import of_registered
from schemas.event import EventTypeInput, EventTypePatch
from schemas.event_catalogue import EXTRANET, INTRANET

_schema = click.option("--schema", type=click.File("rb"), callback=read_json, help="JSON Schema 2020-12 of its data.")
_example = click.option("--example", type=click.File("rb"), callback=read_json, help="Data that the schema allows.")
_channels = click.option(
    "--channel",
    "channels",
    multiple=True,
    type=click.Choice((EXTRANET, INTRANET)),
    help="extranet: partners hear of the customers shared with them; may be repeated.",
)


@webhook.command("add-type")
@click.argument("name")
@click.option("--description", required=True, help="For whoever reads the catalogue.")
@_schema
@_example
@_channels
@with_output
def add_type(name: str, output: str, **said: Any) -> None:
    """Register the type NAME, to be published at `/events`; --schema and --example name JSON files.

    All of it stands in the OpenAPI documents of its channels, which anybody may read: let the example name nobody.

    \b
    Example:  kopru webhook add-type showroom.test_drive.booked --description "Deneme sürüşü" \\
                                     --schema drive.json --example booked.json --channel extranet
    """
    with writing("webhook add-type") as tx:
        record = of_registered(service.register(tx, load(EventTypeInput, {"name": name, **wished(said)})))
    show_one(record, output)


@webhook.command("change-type")
@click.argument("name")
@click.option("--description", help="For whoever reads the catalogue.")
@_schema
@_example
@_channels
@click.option("--archived/--unarchived", default=None, help="Archived it is published no more; what was stays.")
@with_output
def change_type(name: str, output: str, **said: Any) -> None:
    """Change the type NAME of the house's own; what is not said stays.

    \b
    Example:  kopru webhook change-type showroom.test_drive.booked --archived
    """
    with writing("webhook change-type") as tx:
        version = service.get(tx, name).version
        record = of_registered(service.change(tx, name, load(EventTypePatch, wished(said), is_patch=True), version))
    show_one(record, output)
