"""`kopru webhook messages`, `attempts`, `resend`, `trigger`, `events`: what was sent, one again, and what could be."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import Any
from uuid import UUID

import click

from gateway.channels import Channel
from gateway.cli.naming import Moment
from gateway.cli.output import show_json, show_list, show_one, with_output
from gateway.cli.place import opened, operator, writing
from gateway.cli.webhook import owner, ring, webhook
from gateway.cli.webhook_left import listening
from gateway.cli.webhook_listen import way_out
from gateway.cli.webhook_naming import endpoint_of
from gateway.db import transaction
from gateway.errors import NotFound
from gateway.webhooks.catalogue import service as catalogue
from gateway.webhooks.messages import sample, search
from gateway.webhooks.messages import service as messages
from gateway.webhooks.messages.shown import show, show_message
from schemas.webhook_message import STATUSES

_MESSAGE = ("event_id", "type", "status", "attempt_count", "trigger", "next_attempt_at", "endpoint_id")
_ATTEMPT = ("attempted_at", "event_id", "status", "http_status", "error", "duration_ms")
_TYPE = ("name", "version", "channels", "registered", "deprecated", "description")
_count = click.option(
    "-n", "limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="How many at most."
)


@webhook.command("messages")
@click.argument("endpoint", required=False)
@click.option("--status", type=click.Choice(STATUSES))
@click.option("--failed", is_flag=True, help="Only what was tried in vain or given up.")
@click.option("--type", "event_type", help="Only events of this type.")
@click.option("--event", "event_id", type=click.UUID, help="Only of this event (the webhook-id).")
@click.option("--customer", "customer_id", type=click.UUID, help="Only about this customer.")
@click.option("--since", type=Moment(), help="Events since 2026-11-01T09:00 (UTC), or 2h for two hours ago.")
@_count
@with_output
def list_messages(endpoint: str | None, limit: int, output: str, event_type: str | None, **asked: Any) -> None:
    """List the newest messages, to ENDPOINT (its id or URL) or to all.

    \b
    Example:  kopru webhook messages --failed --since 2d
    """
    wanted = {name: value for name, value in (asked | {"type": event_type}).items() if value}
    with writing("webhook messages") as tx:
        if endpoint:
            wanted["endpoint_id"] = endpoint_of(tx, endpoint).id
        rows = search.find_messages(tx, wanted, limit, None)
    records = [show_message(dict(zip(search.MESSAGE, row, strict=True))) for row in rows]
    show_list(records, _MESSAGE, output, "No message like that; see: kopru webhook messages --help")


@webhook.command("attempts")
@click.argument("endpoint")
@_count
@with_output
def list_attempts(endpoint: str, limit: int, output: str) -> None:
    """List the newest attempts to reach ENDPOINT (its id or URL)."""
    with writing("webhook attempts") as tx:
        rows = search.find_attempts(tx, {"endpoint_id": endpoint_of(tx, endpoint).id}, limit, None)
    records = [dict(zip(search.ATTEMPT, row, strict=True)) for row in rows]
    show_list(records, _ATTEMPT, output, "Nothing was sent there yet; see: kopru webhook messages")


@webhook.command("resend")
@click.argument("endpoint")
@click.argument("event", type=click.UUID)
@with_output
def resend(endpoint: str, event: UUID, output: str) -> None:
    """Send EVENT (the webhook-id) to ENDPOINT once more, with a fresh schedule."""
    with writing("webhook resend") as tx:
        found = endpoint_of(tx, endpoint)
        try:
            message = messages.message_of(tx, found.id, event)
        except NotFound:
            raise NotFound(f"{endpoint} was never owed the event {event}; see: kopru webhook messages") from None
        record = show(messages.resend(tx, message))
    ring()
    show_one(record, output)


@webhook.command("trigger")
@click.argument("event_type", metavar="TYPE")
@click.option("--endpoint", help="Its id or URL; every running `kopru webhook listen` unless given.")
@with_output
def trigger(event_type: str, endpoint: str | None, output: str) -> None:
    """Send the catalogue's sample of TYPE, marked as a test, as the receiver would see a real one.

    \b
    Example:  kopru webhook trigger customer.updated
              kopru webhook trigger customer.updated --endpoint https://bursa.example/kopru
    """
    with opened():
        with closing(way_out(None)) as sender:
            there = [] if endpoint else listening(sender)
        with transaction(operator("webhook trigger")) as tx:
            wanted = [endpoint_of(tx, endpoint).id] if endpoint else there
            records = [show(sample.send(tx, each, event_type)) for each in wanted]
    ring()
    show_list(records, _MESSAGE, output)


@webhook.command("events")
@click.argument("event_type", metavar="[TYPE]", required=False)
@click.option("--partner", help="As this partner is told, by code; as the house is unless given.")
@with_output
def list_event_types(event_type: str | None, partner: str | None, output: str) -> None:
    """List the types of events there are; of one TYPE, show its JSON Schema and an example."""
    with opened():
        caller = owner("webhook events", partner)
        inside = replace(caller, channel=Channel.INTRANET) if caller.channel is Channel.SYSTEM else caller
        with transaction(inside) as tx:
            types = catalogue.list_types(tx)
    if event_type is None:
        show_list(types, _TYPE, output)
        return
    found = next((each for each in types if each["name"] == event_type), None)
    if found is None:
        raise NotFound(f"There is no type {event_type} there; see: kopru webhook events")
    show_json(found)
