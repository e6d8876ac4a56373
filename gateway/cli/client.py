"""`kopru client`: the programs that may ask for tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import orjson

from gateway.channels import DOORS, Channel
from gateway.cli.naming import client_of, partner_of
from gateway.cli.output import show_list, show_one, with_output
from gateway.cli.place import writing
from gateway.oauth import service
from gateway.oauth.models import Client
from gateway.oauth.scopes import scopes_on

_FIELDS = (
    "client_id", "name", "channel", "auth_method", "status", "grants", "scopes", "redirect_uris", "partner_id",
    "is_trusted", "quota", "old_secret_expires_at", "created_at",
)  # fmt: skip
_ONCE = "The secret is shown this once; only its mark is kept."


@click.group("client")
def client() -> None:
    """OAuth clients: each belongs to one channel, an extranet one to a partner.

    \b
    Example:  kopru client add "Bursa DMS" --channel extranet --partner bursa --auth client_secret_basic
    """


@client.command("list")
@with_output
def list_clients(output: str) -> None:
    """List every client."""
    with writing("client list") as tx:
        records = [_shown(each) for each in service.list_clients(tx)]
    show_list(records, _FIELDS[:6], output, "No client yet; see: kopru client add --help")


@client.command("add")
@click.argument("name")
@click.option("--channel", required=True, type=click.Choice([door.value for door in DOORS]), help="Its one channel.")
@click.option("--partner", help="Code of the partner an extranet client belongs to.")
@click.option("--auth", "auth_method", required=True, type=click.Choice(service.AUTH_METHODS), help="Its proof.")
@click.option("--grant", multiple=True, type=click.Choice(sorted(service.GRANTS)), help="May be repeated.")
@click.option("--redirect-uri", multiple=True, help="Exact address to come back to; may be repeated.")
@click.option("--scope", multiple=True, help="What it may ask for; all of the channel's unless named.")
@click.option("--jwks", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="File of its public keys.")
@click.option("--id", "client_id", help="A client id of your choice.")
@click.option("--quota", help="requests/seconds, such as 600/60; the installation's default unless given.")
@click.option("--trusted", is_flag=True, help="Ours: people are not asked for consent.")
@with_output
def add_client(
    name: str,
    channel: str,
    partner: str | None,
    auth_method: str,
    grant: tuple[str, ...],
    redirect_uri: tuple[str, ...],
    scope: tuple[str, ...],
    jwks: Path | None,
    client_id: str | None,
    quota: str | None,
    trusted: bool,
    output: str,
) -> None:
    """Register the client NAME. Its secret, where it has one, is shown once.

    Without --grant it is a system with client_credentials, or with a --redirect-uri one in which people sign in.

    \b
    A system with a key:  kopru client add "Bursa DMS" --channel extranet --partner bursa \\
                                --auth private_key_jwt --jwks bursa-public.json
    An app for people:    kopru client add "App" --channel internet --auth none --redirect-uri https://app.example/back
    """
    door = Channel(channel)
    with writing("client add") as tx:
        made, secret = service.add_client(
            tx,
            name,
            door,
            partner_id=partner_of(tx, partner).id if partner else None,
            auth_method=auth_method,
            grants=grant or _usual_grants(redirect_uri),
            redirect_uris=redirect_uri,
            scopes=scope or scopes_on(door),
            jwks=_key_set(jwks) if jwks else None,
            quota=_quota(quota),
            is_trusted=trusted,
            client_id=client_id,
        )
        record = _shown(made)
    _show_with_secret(record, secret, output)


@client.command("rotate-secret")
@click.argument("client_id")
@with_output
def rotate_secret(client_id: str, output: str) -> None:
    """Give CLIENT_ID another secret, shown once; the one before works for 7 more days."""
    with writing("client rotate-secret") as tx:
        found = client_of(tx, client_id)
        secret = service.rotate_secret(tx, found)
        record = _shown(found)
    _show_with_secret(record, secret, output)


@client.command("replace-keys")
@click.argument("client_id")
@click.argument("jwks", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def replace_keys(client_id: str, jwks: Path) -> None:
    """Register the public keys in the file JWKS for CLIENT_ID, instead of those it has.

    For an overlap put the old key into the file too, and take it out when the client signs with the new one.
    """
    with writing("client replace-keys") as tx:
        service.replace_keys(tx, client_of(tx, client_id), _key_set(jwks))
    click.echo(f"{client_id} proves itself with the keys of {jwks} now.")


@client.command("allow")
@click.argument("client_id")
@click.argument("scopes", nargs=-1)
@click.option("--all", "is_all", is_flag=True, help="All of its channel, those that a new version brought among them.")
@with_output
def allow_scopes(client_id: str, scopes: tuple[str, ...], is_all: bool, output: str) -> None:
    """Let CLIENT_ID ask for exactly these SCOPES; its tokens follow within 5 seconds.

    \b
    Example:  kopru client allow bursa-dms customers:read customers:write
              kopru client allow bursa-dms --all
    """
    if bool(scopes) == is_all:
        raise click.UsageError("Name the scopes, or --all.")
    with writing("client allow") as tx:
        found = client_of(tx, client_id)
        service.change_scopes(tx, found, scopes_on(Channel(found.channel)) if is_all else scopes)
        record = _shown(found)
    show_one(record, output)


@client.command("disable")
@click.argument("client_id")
def disable_client(client_id: str) -> None:
    """Refuse CLIENT_ID and every token of it, everywhere within 5 seconds."""
    with writing("client disable") as tx:
        service.disable_client(tx, client_of(tx, client_id))
    click.echo(f"{client_id} is disabled; kopru client enable {client_id} undoes it.")


@client.command("enable")
@click.argument("client_id")
def enable_client(client_id: str) -> None:
    """Let a disabled CLIENT_ID work again."""
    with writing("client enable") as tx:
        service.enable_client(tx, client_of(tx, client_id))
    click.echo(f"{client_id} is active.")


def _usual_grants(redirect_uris: tuple[str, ...]) -> tuple[str, ...]:
    return ("authorization_code", "refresh_token") if redirect_uris else ("client_credentials",)


def _key_set(place: Path) -> dict[str, Any]:
    try:
        read: dict[str, Any] = orjson.loads(place.read_bytes())
    except orjson.JSONDecodeError as error:
        raise click.BadParameter(f"{place} is not JSON: {error}", param_hint="--jwks") from None
    return read


def _quota(quota: str | None) -> tuple[int, int] | None:
    if quota is None:
        return None
    requests, _, seconds = quota.partition("/")
    if not (requests.isdecimal() and seconds.isdecimal() and int(requests) and int(seconds)):
        raise click.BadParameter("requests/seconds, such as 600/60", param_hint="--quota")
    return int(requests), int(seconds)


def _shown(found: Client) -> dict[str, Any]:
    return {name: getattr(found, name) for name in _FIELDS}


def _show_with_secret(record: dict[str, Any], secret: str | None, output: str) -> None:
    show_one(record | ({"client_secret": secret} if secret else {}), output)
    if secret:
        click.echo(_ONCE, err=True)
