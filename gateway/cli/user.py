"""`kopru user`: people who sign in."""

from __future__ import annotations

import secrets
import sys
from typing import Any
from uuid import UUID

import click

from gateway.accounts import service
from gateway.accounts.models import User
from gateway.accounts.roles import ROLES
from gateway.cli.naming import customer_of, partner_of, user_of
from gateway.cli.output import show_list, show_one, with_output
from gateway.cli.place import writing
from gateway.db import now

_FIELDS = (
    "username", "role", "channel", "status", "is_locked", "signed_in_at", "display_name", "partner_id", "customer_id",
    "id", "created_at",
)  # fmt: skip


@click.group("user")
def user() -> None:
    """People: employees, partners' staff and customers with a sign-in.

    \b
    Example:  kopru user add fatma.agent --role agent --generate
    """


@user.command("list")
@with_output
def list_users(output: str) -> None:
    """List everybody who can sign in."""
    with writing("user list") as tx:
        records = [_shown(each) for each in service.list_users(tx)]
    show_list(records, _FIELDS[:6], output, "Nobody yet; see: kopru user add --help")


@user.command("add")
@click.argument("username")
@click.option("--role", required=True, type=click.Choice(list(ROLES)), help="Decides the channel and what is allowed.")
@click.option("--partner", help="Code of the partner somebody outside works for.")
@click.option("--customer", type=click.UUID, help="Id of the record a customer signs in for.")
@click.option("--name", default="", help="As greeted; the username unless given.")
@click.option("--generate", is_flag=True, help="Make the password and show it once, instead of asking for it.")
@with_output
def add_user(
    username: str, role: str, partner: str | None, customer: UUID | None, name: str, generate: bool, output: str
) -> None:
    """Add a person. The password is asked for, read from a pipe, or made (--generate).

    \b
    Examples:  kopru user add fatma.agent --role agent
               kopru user add bursa.admin --role partner_admin --partner bursa --generate
    """
    password = _password(generate)
    with writing("user add") as tx:
        made = service.add_user(
            tx,
            username,
            password,
            ROLES[role][0],
            role,
            partner_id=partner_of(tx, partner).id if partner else None,
            customer_id=customer_of(tx, customer).id if customer else None,
            display_name=name,
        )
        record = _shown(made)
    _show_with_password(record, password if generate else None, output)


@user.command("set-password")
@click.argument("username")
@click.option("--generate", is_flag=True, help="Make the password and show it once, instead of asking for it.")
@with_output
def set_password(username: str, generate: bool, output: str) -> None:
    """Give USERNAME another password, which also ends a lock.

    \b
    Example:  kopru user set-password fatma.agent --generate
    """
    password = _password(generate)
    with writing("user set-password") as tx:
        found = user_of(tx, username)
        service.change_password(tx, found, password)
        record = _shown(found)
    _show_with_password(record, password if generate else None, output)


@user.command("disable")
@click.argument("username")
def disable_user(username: str) -> None:
    """Keep USERNAME out; tokens end everywhere within 5 seconds."""
    with writing("user disable") as tx:
        service.set_status(tx, user_of(tx, username), "disabled")
    click.echo(f"{username} is disabled; kopru user enable {username} undoes it.")


@user.command("enable")
@click.argument("username")
def enable_user(username: str) -> None:
    """Let a disabled USERNAME sign in again."""
    with writing("user enable") as tx:
        service.set_status(tx, user_of(tx, username), "active")
    click.echo(f"{username} is active.")


@user.command("unlock")
@click.argument("username")
def unlock_user(username: str) -> None:
    """Forgive USERNAME the wrong passwords, so that the next try counts again at once."""
    with writing("user unlock") as tx:
        service.unlock(tx, user_of(tx, username))
    click.echo(f"{username} may try again.")


def _password(generate: bool) -> str:
    """Never from an argument, which every process on the machine could read."""
    if generate:
        return secrets.token_urlsafe(15)
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked


def _shown(found: User) -> dict[str, Any]:
    return {name: found.is_locked(now()) if name == "is_locked" else getattr(found, name) for name in _FIELDS}


def _show_with_password(record: dict[str, Any], password: str | None, output: str) -> None:
    show_one(record | ({"password": password} if password else {}), output)
