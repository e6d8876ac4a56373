"""`kopru webhook retention`, `expunge`: how long messages are kept, and removing what they said at once."""

from __future__ import annotations

import sys
from datetime import datetime
from uuid import UUID

import click

from gateway.cli.naming import Moment, partner_of
from gateway.cli.operation import tell
from gateway.cli.output import show_one, with_output
from gateway.cli.place import opened, present_settings, writing
from gateway.cli.webhook import owner, webhook
from gateway.cli.webhook_naming import endpoint_of
from gateway.db import transaction
from gateway.webhooks.messages import expunge, retention
from schemas.webhook_retention import MOST_DAYS

_DAYS = click.IntRange(1, MOST_DAYS)
_TERMS = ("payload-days", "log-days")


@webhook.command("retention")
@click.argument("partner")
@click.option("--payload-days", type=_DAYS, help="How long bodies and answers are kept.")
@click.option("--log-days", type=_DAYS, help="How far the list of messages and attempts goes back.")
@click.option("--without", multiple=True, type=click.Choice(_TERMS), help="As for everybody else; may be repeated.")
@with_output
def agree_retention(
    partner: str, payload_days: int | None, log_days: int | None, without: tuple[str, ...], output: str
) -> None:
    """Show how long messages of PARTNER (its code or id) are kept, or agree on it; it is carried out within the hour.

    \b
    Example:  kopru webhook retention bursa --payload-days 7
              kopru webhook retention bursa --without payload-days
    """
    said = {"payload_days": payload_days, "log_days": log_days}
    patch = {name: days for name, days in said.items() if days or name.replace("_", "-") in without}
    settings = present_settings()
    with writing("webhook retention") as tx:
        code = partner_of(tx, partner).code
        terms = retention.terms_of(tx, code)
        if patch:
            terms = retention.agree(tx, code, patch, settings, terms.version)
    show_one(retention.show(code, terms, settings), output)


@webhook.command("expunge")
@click.option("--before", type=Moment(), help="What happened before 2026-11-01T09:00 (UTC), or 30d for 30 days ago.")
@click.option("--customer", "customer_id", type=click.UUID, help="What was said about this customer.")
@click.option("--endpoint", help="What was sent to this endpoint, its id or URL.")
@click.option("--partner", help="Of this partner's messages only, by code; of everybody's unless given.")
@click.option("--wait/--no-wait", "is_waited_for", default=True, help="Stay and draw a bar until it has ended.")
@click.confirmation_option(prompt="Bodies and answers are removed for good. Go on?")
@with_output
def expunge_messages(
    before: datetime | None,
    customer_id: UUID | None,
    endpoint: str | None,
    partner: str | None,
    is_waited_for: bool,
    output: str,
) -> None:
    """Remove the bodies and answers of messages for which all that is said holds; what waits stays. A worker does it.

    Ctrl-C asks whether to cancel it. The exit code is 1 where it failed or was cancelled.

    \b
    Example:  kopru webhook expunge --partner bursa --before 7d --yes
    """
    if not (before or customer_id or endpoint):
        raise click.UsageError("Say what: --before, --customer or --endpoint.")
    with opened(), transaction(owner("webhook expunge", partner)) as tx:
        endpoint_id = endpoint_of(tx, endpoint).id if endpoint else None
        operation = expunge.start(tx, before, customer_id, endpoint_id)
    sys.exit(tell(operation, output, is_waited_for=is_waited_for))
