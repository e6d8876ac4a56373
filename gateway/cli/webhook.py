"""`kopru webhook`: endpoints; what was sent to them and sending it again stand in files of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, BinaryIO

import click

from gateway.channels import Caller, Channel
from gateway.cli.naming import partner_of
from gateway.cli.output import show_list, show_one, with_output
from gateway.cli.place import opened, operator, present_settings, writing
from gateway.cli.webhook_naming import endpoint_of
from gateway.db import Transaction, transaction
from gateway.queue import WEBHOOKS, Bell, ring_now
from gateway.webhooks.bell import DELIVER
from gateway.webhooks.endpoints import service, shown
from gateway.webhooks.models import Endpoint
from schemas.webhook import SIGNATURES, InternalEndpoint

_LISTED = ("id", "url", "channel", "partner", "status", "circuit", "event_types", "description")
_ONCE = "The secret is shown this once; the receiver checks signatures with it."


@click.group("webhook")
def webhook() -> None:
    """Webhook endpoints, and what is sent to them.

    \b
    Example:  kopru webhook listen --partner bursa
              kopru webhook messages --failed
              kopru webhook recover https://bursa.example/kopru --since 2d
    """


@webhook.command("list")
@with_output
def list_endpoints(output: str) -> None:
    """List every endpoint."""
    with writing("webhook list") as tx:
        records = show_endpoints(tx, service.list_endpoints(tx))
    show_list(records, _LISTED, output, "No endpoint yet; see: kopru webhook add --help")


@webhook.command("show")
@click.argument("endpoint")
@with_output
def show_endpoint(endpoint: str, output: str) -> None:
    """Show what is wished of ENDPOINT (its id or URL), and how it goes there."""
    with writing("webhook show") as tx:
        (record,) = show_endpoints(tx, [endpoint_of(tx, endpoint)])
    show_one(record, output)


@webhook.command("rotate")
@click.argument("endpoint")
@click.option(
    "--overlap-hours", type=click.IntRange(0, 168), default=24, show_default=True, help="How long both keys sign."
)
@click.option("--kind", type=click.Choice(SIGNATURES), help="v1a: Ed25519, nothing to share; adds it if need be.")
@click.option("--secret", type=click.File("rb"), help="File with a secret of the receiver's own; - reads a pipe.")
@with_output
def rotate_key(endpoint: str, overlap_hours: int, kind: str | None, secret: BinaryIO | None, output: str) -> None:
    """Give ENDPOINT another key; a secret is shown once. Until the overlap is over, both sign.

    \b
    Example:  kopru webhook rotate https://bursa.example/kopru --overlap-hours 0
    """
    own = None if secret is None else secret.read().decode("ascii", "replace").strip()
    with writing("webhook rotate") as tx:
        found = endpoint_of(tx, endpoint)
        found, made = service.rotate(tx, found.id, timedelta(hours=overlap_hours), kind, own)
        (record,) = show_endpoints(tx, [found])
    show_with_secret(record, made, output)


@webhook.command("disable")
@click.argument("endpoint")
def disable_endpoint(endpoint: str) -> None:
    """Send nothing to ENDPOINT; what it is owed is held for its `hold_hours`."""
    _set_status(endpoint, "disabled")


@webhook.command("enable")
@click.argument("endpoint")
def enable_endpoint(endpoint: str) -> None:
    """Send to ENDPOINT again, what was held first."""
    _set_status(endpoint, "active")


@webhook.command("remove")
@click.argument("endpoint")
@click.confirmation_option(prompt="What it is still owed is cancelled for good. Go on?")
def remove_endpoint(endpoint: str) -> None:
    """Remove ENDPOINT and forget its secrets."""
    with writing("webhook remove") as tx:
        service.delete(tx, endpoint_of(tx, endpoint).id)
    click.echo(f"{endpoint} is removed.")


def owner(command: str, partner: str | None) -> Caller:
    """Whoever an endpoint shall belong to: a partner by code, else the house; within an open installation."""
    caller = operator(command)
    if partner is None:
        return caller
    with transaction(caller) as tx:
        found = partner_of(tx, partner)
    granted = frozenset(found.granted_fields)
    return replace(caller, channel=Channel.EXTRANET, partner_id=found.id, partner=found.code, granted_fields=granted)


def ring() -> None:
    """Ring from here: this process may end before its bell thread has rung."""
    with opened():
        ring_now([Bell(WEBHOOKS, DELIVER)])


def show_endpoints(tx: Transaction, endpoints: list[Endpoint]) -> list[dict[str, Any]]:
    """Endpoints as the intranet sees them."""
    return shown.show_all(tx, endpoints, InternalEndpoint, present_settings().base_url)


def show_with_secret(record: dict[str, Any], secret: str | None, output: str) -> None:
    """Print an endpoint with the secret that nobody is shown again."""
    show_one(record | {"secret": secret}, output)
    if secret:
        click.echo(_ONCE, err=True)


def _set_status(endpoint: str, status: str) -> None:
    with writing("webhook enable" if status == "active" else "webhook disable") as tx:
        found = endpoint_of(tx, endpoint)
        service.change(tx, found.id, {"status": status}, found.version)
    ring()
    click.echo(f"{endpoint} is {status}.")
