"""`kopru consent`: what a customer agreed to and why, and writing down what they said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import reduce
from typing import Any, TypeVar
from uuid import UUID

import click

from gateway import audit
from gateway.cli.naming import Moment
from gateway.cli.output import show_json, show_list, show_one, with_output
from gateway.cli.place import writing
from gateway.consent import audience
from gateway.consent.rules import preferences
from gateway.consent.statements import service, shown
from gateway.consent.statements.models import Statement
from gateway.customers import search
from gateway.db import Transaction, now
from gateway.errors import NotFound
from gateway.validation import load
from schemas.consent import CHANNELS, EVERY_CHANNEL, SOURCES, StatementInput

Command = TypeVar("Command", bound=Callable[..., Any])
_POSITION = ("purpose", "channel", "allowed", "because")
# Not what proves it, nor at which address: who runs the installation need not read what people said.
_STATEMENT = (
    "id", "decision", "purpose", "channel", "audience", "partner", "said_at", "valid_until", "source", "recorder",
    "recorded_by",
)  # fmt: skip
_LISTED = ("said_at", "decision", "purpose", "channel", "audience", "partner", "valid_until", "source", "recorded_by")
_PROOF = ("text", "reference", "wording")
_MOST = 100
_SAID = (
    click.option("--purpose", help="Code of the purpose; every purpose unless given."),
    click.option("--channel", type=click.Choice((*CHANNELS, EVERY_CHANNEL)), default=EVERY_CHANNEL, show_default=True),
    click.option("--contact-point", type=click.UUID, help="Id of the one it is about; all of them unless given."),
    click.option("--source", type=click.Choice(SOURCES), required=True, help="How the customer said it."),
    click.option("--text", help="Proof: what was said, or agreed to."),
    click.option("--reference", help="Proof: a document, a recording."),
    click.option("--wording", help="Version of the wording that was agreed to."),
    click.option("--said-at", type=Moment(), help="2026-11-01T09:00 or 2h for two hours ago; now unless given."),
    click.option("--until", "valid_until", type=Moment(), help="It counts until then; until another word, else."),
    click.option("--partner", help="Said to this partner alone, by code."),
    click.option("--house", is_flag=True, help="Said to the house alone; to everybody unless one of both is given."),
)


@click.group()
def consent() -> None:
    """What customers agreed to. CUSTOMER is an id."""


@consent.command("show")
@click.argument("customer", type=click.UUID)
@click.option("--partner", help="Code of the partner that would make the contact; the house unless given.")
@with_output
def show_positions(customer: UUID, partner: str | None, output: str) -> None:
    """Show for which purpose and through which channel CUSTOMER may be contacted, as far as their word goes, and why.

    \b
    because:  granted       they agreed
              default       nobody asked them, and this purpose needs no yes
              legal         a duty under the law
              withdrawn     they objected
              no_consent    they never said yes, and this purpose needs it
    """
    with writing("consent show") as tx:
        _require(tx, customer)
        kind = audience.PARTNER if partner else audience.HOUSE
        words = service.words_to(tx, customer, audience.named(tx, customer, kind, partner))
        positions = shown.positions_form(words, service.purposes_asked(tx), now())["items"]
        is_restricted = preferences.of(tx, customer).is_restricted
        audit.record(tx, "consents.listed", "customer", customer, {"shown": len(positions)})
    if output == "json":
        show_json({"restricted": is_restricted, "items": positions})
        return
    show_list(positions, _POSITION, output, "There is no purpose yet: POST /intranet/v1/consent-purposes makes one.")
    if is_restricted:
        click.echo("\nThe record is restricted: whatever stands above, only a legal duty is reason for a contact.")


@consent.command("history")
@click.argument("customer", type=click.UUID)
@with_output
def show_history(customer: UUID, output: str) -> None:
    """List the last 100 things CUSTOMER said about being contacted, the latest word first."""
    with writing("consent history") as tx:
        _require(tx, customer)
        said = [_shown(each) for each in service.history(tx, customer, None, None, _MOST)]
        audit.record(tx, "consents.listed", "customer", customer, {"shown": len(said)})
    show_list(said, _LISTED, output, "The customer has said nothing yet.")


def _with_statement(command: Command) -> Command:
    return reduce(lambda given, option: option(given), reversed(_SAID), command)


@consent.command("grant")
@click.argument("customer", type=click.UUID)
@_with_statement
@with_output
def grant(customer: UUID, output: str, **said: Any) -> None:
    """Write down that CUSTOMER agreed. Without --purpose it lifts a withdrawal of everything and is consent to nothing.

    \b
    Example:  kopru consent grant 0193… --purpose marketing --channel email --source form --reference "Form 2026/118"
    """
    _record(customer, "granted", said, output)


@consent.command("withdraw")
@click.argument("customer", type=click.UUID)
@_with_statement
@with_output
def withdraw(customer: UUID, output: str, **said: Any) -> None:
    """Write down that CUSTOMER objected; without --purpose to every contact but those that the law demands.

    \b
    Example:  kopru consent withdraw 0193… --source call --text "Aramayın"
    """
    _record(customer, "withdrawn", said, output)


def _record(customer: UUID, decision: str, said: dict[str, Any], output: str) -> None:
    statement = load(StatementInput, {"decision": decision, **_wire_form(said)})
    with writing(f"consent {'grant' if decision == 'granted' else 'withdraw'}") as tx:
        _require(tx, customer)
        record = _shown(service.record(tx, customer, statement))
    show_one(record, output)


def _require(tx: Transaction, customer: UUID) -> None:
    try:
        search.get(tx, customer, ("id",))
    except NotFound:
        raise NotFound(f"There is no customer {customer}.") from None


def _wire_form(said: dict[str, Any]) -> dict[str, Any]:
    """Options as a statement stands on the wire; what was not given is left out."""
    is_to_house, partner = said.pop("house"), said["partner"]
    if is_to_house and partner:
        raise click.UsageError("To the house alone, or to one partner: give one of --house and --partner.")
    to = audience.PARTNER if partner else audience.HOUSE if is_to_house else audience.ALL
    given = {name: _plain(value) for name, value in said.items() if value is not None}
    evidence = {name: given.pop(name) for name in _PROOF if name in given}
    return {**given, "audience": to, "evidence": evidence}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _shown(said: Statement) -> dict[str, Any]:
    return {name: getattr(said, name) for name in _STATEMENT}
