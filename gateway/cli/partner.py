"""`kopru partner`: the other companies and their agreements."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click
from sqlalchemy import func, select

from gateway.accounts.models import User
from gateway.cli.naming import Moment, partner_of
from gateway.cli.output import show_list, show_one, with_output
from gateway.cli.place import writing
from gateway.customers.models import Share
from gateway.db import Transaction
from gateway.oauth.models import Client
from gateway.partners import service
from gateway.partners.models import Partner
from gateway.partners.terms import terms_of
from gateway.sync.models import SyncLink
from gateway.webhooks.models import Endpoint
from schemas.partner import GRANTABLE_FIELDS, PARTNER_KINDS, is_grantable

_FIELDS = ("code", "name", "status", "granted_fields", "id", "created_at")
_BELONGINGS = {"customers": Share, "clients": Client, "people": User, "links": SyncLink, "endpoints": Endpoint}


def _grantable(_context: click.Context, _option: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    if unknown := [name for name in names if not is_grantable(name)]:
        raise click.BadParameter(f"{unknown[0]} is none of {', '.join(GRANTABLE_FIELDS)}, attributes.<name>.")
    return names


@click.group("partner")
def partner() -> None:
    """Business partners: who they are, what they may see, whether they may come in.

    \b
    Example:  kopru partner add bursa "Bursa Oto" --grant birth_date
    """


@partner.command("list")
@with_output
def list_partners(output: str) -> None:
    """List every partner."""
    with writing("partner list") as tx:
        records = [_shown(each) for each in service.list_all(tx)]
    show_list(records, _FIELDS[:4], output, "No partner yet; add one: kopru partner add CODE NAME")


@partner.command("add")
@click.argument("code")
@click.argument("name")
@click.option("--grant", multiple=True, callback=_grantable, help="A field its agreement adds; may be repeated.")
@with_output
def add_partner(code: str, name: str, grant: tuple[str, ...], output: str) -> None:
    """Add the partner NAME, called CODE in addresses and commands.

    \b
    Example:  kopru partner add bursa "Bursa Oto" --grant birth_date --grant tax_id
    Then:     kopru client add "Bursa DMS" --channel extranet --partner bursa --auth client_secret_basic
    """
    with writing("partner add") as tx:
        record = _shown(service.add(tx, code, name, grant))
    show_one(record, output)


@partner.command("show")
@click.argument("code")
@with_output
def show_partner(code: str, output: str) -> None:
    """Show the partner CODE and how much belongs to it."""
    with writing("partner show") as tx:
        found = partner_of(tx, code)
        record = (
            _shown(found) | _agreed(found) | {name: _count(tx, model, found) for name, model in _BELONGINGS.items()}
        )
    show_one(record, output)


@partner.command("grant")
@click.argument("code")
@click.argument("fields", nargs=-1, callback=_grantable)
@with_output
def grant_fields(code: str, fields: tuple[str, ...], output: str) -> None:
    """Let the partner CODE see exactly these extra FIELDS of its customers; none takes all back.

    \b
    Example:  kopru partner grant bursa birth_date tax_id
    """
    with writing("partner grant") as tx:
        record = _shown(_change(tx, code, granted_fields=list(fields)))
    show_one(record, output)


@partner.command("agree")
@click.argument("code")
@click.option("--kind", type=click.Choice(PARTNER_KINDS), help="An own branch, or an independent partner.")
@click.option("--purpose", "purposes", multiple=True, help="What its shares are for; may be repeated.")
@click.option("--from", "valid_from", type=Moment(), help="When the agreement begins.")
@click.option("--until", "valid_until", type=Moment(), help="When it ends, and all that stands on it.")
@click.option("--protect", "protection_days", type=click.IntRange(1, 3650), help="Days an approved claim protects.")
@with_output
def agree(code: str, output: str, **said: Any) -> None:
    """Write down what is agreed with the partner CODE; what is left out stays as it is.

    \b
    Example:  kopru partner agree bursa --kind own --purpose service --until 2027-01-01T00:00:00Z
    """
    with writing("partner agree") as tx:
        record = _agreed(_change(tx, code, **{name: value for name, value in said.items() if value}))
    show_one(record, output)


@partner.command("suspend")
@click.argument("code")
def suspend_partner(code: str) -> None:
    """Refuse the partner CODE at every door within 5 seconds, and send it no webhooks."""
    with writing("partner suspend") as tx:
        _change(tx, code, status="suspended")
    click.echo(f"{code} is suspended; kopru partner activate {code} lets it in again.")


@partner.command("activate")
@click.argument("code")
def activate_partner(code: str) -> None:
    """Let a suspended partner CODE in again."""
    with writing("partner activate") as tx:
        _change(tx, code, status="active")
    click.echo(f"{code} is active.")


def _change(tx: Transaction, code: str, **patch: Any) -> Partner:
    found = partner_of(tx, code)
    service.change(tx, found, patch, found.version)
    return found


def _shown(found: Partner) -> dict[str, Any]:
    return {name: getattr(found, name) for name in _FIELDS}


def _agreed(found: Partner) -> dict[str, Any]:
    names = ("code", "kind", "purposes", "valid_from", "valid_until")
    return {name: getattr(found, name) for name in names} | asdict(terms_of(found))


def _count(tx: Transaction, model: Any, found: Partner) -> int:
    statement = select(func.count()).select_from(model).where(model.partner_id == found.id)
    return int(tx.session.scalar(statement) or 0)
