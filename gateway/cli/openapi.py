"""`kopru openapi`: what a channel offers, as a document."""

from __future__ import annotations

import click

from gateway.api_docs import present_openapi_of
from gateway.channels import DOORS, Channel
from gateway.cli.output import show_json
from gateway.cli.place import opened


@click.command("openapi")
@click.argument("channel", type=click.Choice([door.value for door in DOORS]))
def openapi(channel: str) -> None:
    """Print the OpenAPI 3.1 document of a CHANNEL: internet, extranet or intranet.

    \b
    Example:  kopru openapi extranet > extranet.json
    """
    with opened() as settings:
        show_json(present_openapi_of(Channel(channel), settings.base_url))
