"""`kopru webhook recover`, `replay`: all that failed, or never arrived, once more."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from gateway.cli.naming import Moment
from gateway.cli.operation import tell
from gateway.cli.output import with_output
from gateway.cli.place import writing
from gateway.cli.webhook import webhook
from gateway.cli.webhook_naming import endpoint_of
from gateway.webhooks.messages import recovery, replay

_since = click.option("--since", required=True, type=Moment(), help="2026-11-01T09:00 (UTC), or 2h for two hours ago.")
_until = click.option("--until", type=Moment(), help="Up to here; up to now unless given.")
_wait = click.option("--wait/--no-wait", "is_waited_for", default=True, help="Stay and draw a bar until it has ended.")


@webhook.command("recover")
@click.argument("endpoint")
@_since
@_until
@_wait
@with_output
def recover(endpoint: str, since: datetime, until: datetime | None, is_waited_for: bool, output: str) -> None:
    """Send again what ENDPOINT (its id or URL) failed to take, oldest first; a worker does it.

    Ctrl-C asks whether to cancel it. The exit code is 1 where it failed or was cancelled.

    \b
    Example:  kopru webhook recover https://bursa.example/kopru --since 2d
    """
    with writing("webhook recover") as tx:
        operation = recovery.start(tx, endpoint_of(tx, endpoint).id, since, until)
    sys.exit(tell(operation, output, is_waited_for=is_waited_for))


@webhook.command("replay")
@click.argument("endpoint")
@_since
@_until
@click.option("--events", multiple=True, help="A type, or customer.*; all it asks for unless given.")
@_wait
@with_output
def replay_events(
    endpoint: str, since: datetime, until: datetime | None, events: tuple[str, ...], is_waited_for: bool, output: str
) -> None:
    """Send what ENDPOINT has not received, though it was disabled or not there yet; a worker does it.

    Ctrl-C asks whether to cancel it. The exit code is 1 where it failed or was cancelled.

    \b
    Example:  kopru webhook replay https://bursa.example/kopru --since 7d --events 'customer.*'
    """
    with writing("webhook replay") as tx:
        operation = replay.start(tx, endpoint_of(tx, endpoint).id, since, until, events)
    sys.exit(tell(operation, output, is_waited_for=is_waited_for))
