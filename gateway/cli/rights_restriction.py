"""`kopru rights restriction`, `lift`: a customer whose data may only be kept, and when that will end."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import click

from gateway.cli.naming import Moment
from gateway.cli.output import show_one, with_output
from gateway.cli.place import writing
from gateway.cli.rights import rights
from gateway.errors import NotFound
from gateway.rights.restriction import service
from gateway.validation import load
from schemas.restriction import LiftingInput


@rights.command("restriction")
@click.argument("customer", type=click.UUID)
@with_output
def show_restriction(customer: UUID, output: str) -> None:
    """Show the restriction of CUSTOMER, by id: the one in force, or the last."""
    with writing("rights restriction") as tx:
        try:
            shown = service.latest(tx, customer)
        except NotFound:
            raise NotFound(f"The data of {customer} was never restricted.") from None
    show_one(shown, output)


@rights.command("lift")
@click.argument("customer", type=click.UUID)
@click.option("--at", type=Moment(), required=True, help="When, three days ahead at least, such as 2026-11-01T09:00.")
@click.option("--reason", required=True, help="The customer reads it.")
@with_output
def announce_lifting(customer: UUID, at: datetime, reason: str, output: str) -> None:
    """Announce when the restriction of CUSTOMER will be lifted and why; the customer is told now, and upkeep lifts it.

    \b
    Example:  kopru rights lift 0193… --at 2026-11-01T09:00 --reason "İnceleme bitti"
    """
    said = load(LiftingInput, {"at": at.isoformat(), "reason": reason})
    with writing("rights lift") as tx:
        try:
            shown = service.announce(tx, customer, said["reason"], said["at"])
        except NotFound:
            raise NotFound(f"There is no restriction of {customer} to be lifted.") from None
    show_one(shown, output)
