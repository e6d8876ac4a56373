"""`kopru webhook`: endpoints, and what was sent to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import click
from sqlalchemy import select

from gateway import guarded
from gateway.channels import Caller, Channel
from gateway.cli.naming import Moment, endpoint_of, partner_of
from gateway.cli.output import show_list, show_one, with_output
from gateway.cli.place import opened, operator, writing
from gateway.db import transaction
from gateway.queue import WEBHOOKS, Bell, ring_now
from gateway.webhooks.bell import DELIVER
from gateway.webhooks.endpoints import service
from gateway.webhooks.messages import recovery
from gateway.webhooks.messages import service as messages
from gateway.webhooks.models import Attempt, Endpoint

_FIELDS = ("id", "url", "channel", "partner", "status", "event_types", "disabled_reason", "description", "created_at")
_ATTEMPT = ("attempted_at", "event_id", "status", "http_status", "error", "duration_ms", "id")
_ONCE = "The secret is shown this once; the receiver checks signatures with it."


@click.group("webhook")
def webhook() -> None:
    """Webhook endpoints and deliveries.

    \b
    Example:  kopru webhook attempts https://bursa.example/kopru
              kopru webhook recover https://bursa.example/kopru --since 2d
    """


@webhook.command("list")
@with_output
def list_endpoints(output: str) -> None:
    """List every endpoint."""
    with writing("webhook list") as tx:
        records = [_shown(each) for each in service.list_endpoints(tx)]
    show_list(records, _FIELDS[:6], output, "No endpoint yet; see: kopru webhook add --help")


@webhook.command("add")
@click.argument("url")
@click.option("--events", multiple=True, required=True, help="A type, customer.*, or *; may be repeated.")
@click.option("--partner", help="Code of the partner it belongs to; the house's own unless given.")
@click.option("--description", default="", help="For people.")
@with_output
def add_endpoint(url: str, events: tuple[str, ...], partner: str | None, description: str, output: str) -> None:
    """Register URL; its signing secret is shown once.

    \b
    Example:  kopru webhook add https://bursa.example/kopru --partner bursa --events 'customer.*'
    """
    with opened() as settings:
        guarded.open_guard(settings.webhook_allow)
        with transaction(_owner(partner)) as tx:
            endpoint, secret = service.register(tx, url, events, description)
            record = _shown(endpoint)
    _show_with_secret(record, secret, output)


@webhook.command("rotate")
@click.argument("endpoint")
@with_output
def rotate_secret(endpoint: str, output: str) -> None:
    """Give ENDPOINT (its id or URL) another secret, shown once; both sign for 24 hours."""
    with writing("webhook rotate") as tx:
        found, secret = service.rotate(tx, endpoint_of(tx, endpoint).id)
        record = _shown(found)
    _show_with_secret(record, secret, output)


@webhook.command("disable")
@click.argument("endpoint")
def disable_endpoint(endpoint: str) -> None:
    """Send nothing to ENDPOINT; what it is owed waits."""
    _set_status(endpoint, "disabled")


@webhook.command("enable")
@click.argument("endpoint")
def enable_endpoint(endpoint: str) -> None:
    """Send to ENDPOINT again, what waited first."""
    _set_status(endpoint, "active")


@webhook.command("attempts")
@click.argument("endpoint")
@click.option("-n", "limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="How many.")
@with_output
def list_attempts(endpoint: str, limit: int, output: str) -> None:
    """List the newest attempts to reach ENDPOINT."""
    with writing("webhook attempts") as tx:
        found = endpoint_of(tx, endpoint)
        newest = select(Attempt).where(Attempt.endpoint_id == found.id)
        attempts = tx.scalars(newest.order_by(Attempt.attempted_at.desc(), Attempt.id.desc()).limit(limit))
        records = [{name: getattr(each, name) for name in _ATTEMPT} for each in attempts]
    show_list(records, _ATTEMPT[:6], output, "Nothing was sent there yet.")


@webhook.command("resend")
@click.argument("endpoint")
@click.argument("event", type=click.UUID)
def resend(endpoint: str, event: UUID) -> None:
    """Send EVENT (the webhook-id) to ENDPOINT once more, with a fresh schedule."""
    with writing("webhook resend") as tx:
        messages.resend(tx, messages.message_of(tx, endpoint_of(tx, endpoint).id, event))
    _ring()
    click.echo("It is due now; kopru webhook attempts shows how it went.")


@webhook.command("recover")
@click.argument("endpoint")
@click.option("--since", required=True, type=Moment(), help="2026-11-01T09:00 (UTC), or 2h for two hours ago.")
@with_output
def recover(endpoint: str, since: datetime, output: str) -> None:
    """Send again what ENDPOINT failed to take since a moment, oldest first, in the background.

    \b
    Example:  kopru webhook recover https://bursa.example/kopru --since 2d
    """
    with writing("webhook recover") as tx:
        operation = recovery.start(tx, endpoint_of(tx, endpoint).id, since)
        shown = {"operation": operation.id, "status": operation.status}
    show_one(shown, output)


def _owner(partner: str | None) -> Caller:
    caller = operator("webhook add")
    if partner is None:
        return caller
    with transaction(caller) as tx:
        owner = partner_of(tx, partner)
    granted = frozenset(owner.granted_fields)
    return replace(caller, channel=Channel.EXTRANET, partner_id=owner.id, partner=owner.code, granted_fields=granted)


def _set_status(endpoint: str, status: str) -> None:
    with writing("webhook enable" if status == "active" else "webhook disable") as tx:
        found = endpoint_of(tx, endpoint)
        service.change(tx, found.id, {"status": status}, found.version)
    _ring()
    click.echo(f"{endpoint} is {status}.")


def _ring() -> None:
    """Ring from here: this process may end before its bell thread has rung."""
    with opened():
        ring_now([Bell(WEBHOOKS, DELIVER)])


def _shown(endpoint: Endpoint) -> dict[str, Any]:
    return {name: getattr(endpoint, name) for name in _FIELDS}


def _show_with_secret(record: dict[str, Any], secret: str | None, output: str) -> None:
    show_one(record | {"secret": secret}, output)
    if secret:
        click.echo(_ONCE, err=True)
