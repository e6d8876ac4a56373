"""`kopru demo`: where the demo's world is, and how to get in."""

from __future__ import annotations

from typing import Any

import click
import orjson

from demo import staff
from gateway.cli.demo_sign_in import sign_in
from gateway.cli.output import console_of, show_json, with_output
from gateway.cli.place import var_folder
from gateway.errors import NotFound, Unavailable
from gateway.up_demo import table_of


@click.group("demo")
def demo() -> None:
    """The demo's world, made by: kopru up --demo"""


@demo.command("show")
@with_output
def show_demo(output: str) -> None:
    """Print the demo's addresses and sign-ins again."""
    description = _description()
    if output == "json":
        show_json(description)
    else:
        console_of().print(table_of(description))


@demo.command("secret")
@click.argument("client_id")
def show_secret(client_id: str) -> None:
    """Print the secret of the demo's client CLIENT_ID, for use in a command.

    \b
    Example:  curl -u "head-office:$(kopru demo secret head-office)" -d grant_type=client_credentials \\
                   http://127.0.0.1:8000/oauth/token
    """
    found = _client(client_id)
    if "client_secret" not in found:
        raise NotFound(f"{client_id} has no secret: {_otherwise(found)}")
    click.echo(found["client_secret"])


@demo.command("sign-in")
@click.argument("client_id", default="customer-app")
def sign_in_at(client_id: str) -> None:
    """Sign in through CLIENT_ID as an app does, and print the access token.

    Open the address it shows, sign in as one of the people of: kopru demo show

    \b
    Example:  TOKEN=$(kopru demo sign-in customer-app)
    """
    found = _client(client_id)
    if not found["redirect_uris"]:
        raise NotFound(f"{client_id} is a system: nobody signs in there.")
    click.echo("Open this address in a browser on this machine, and sign in:", err=True)
    click.echo(sign_in(_description()["issuer"], found, lambda address: click.echo(f"\n  {address}\n", err=True)))


@demo.command("dealer")
@click.argument("code")
@click.argument("method", type=click.Choice(("GET", "POST", "PATCH", "DELETE")))
@click.argument("path")
@click.argument("body", required=False)
def ask_dealer(code: str, method: str, path: str, body: str | None) -> None:
    """Use the system of the dealer CODE as its own staff do: PATH is below its address, BODY is JSON.

    \b
    Example:  kopru demo dealer izmir GET /customers/IZM-000001
              kopru demo dealer izmir POST /outage '{"seconds": 60}'
    """
    system = _system(code)
    try:
        answer = staff.ask(system["url"], system["headers"], method, path, _read(body))
    except staff.SystemDown as down:
        raise Unavailable(str(down)) from None
    if answer.text:
        show_json(answer.json())
    if not answer.ok:
        raise SystemExit(1)


def _otherwise(found: dict[str, Any]) -> str:
    """How a client proves itself that has no secret."""
    if "jwk_file" in found:
        return f"it signs with the key in {var_folder() / found['jwk_file']}, as docs/first-partner.md shows."
    return f"people sign in through it: kopru demo sign-in {found['client_id']}"


def _system(code: str) -> dict[str, Any]:
    systems: list[dict[str, Any]] = _description()["partner_systems"]
    for each in systems:
        if each["partner"] == code:
            return each
    raise NotFound(f"The demo has no dealer {code}; there are: {', '.join(each['partner'] for each in systems)}")


def _read(body: str | None) -> Any:
    try:
        return None if body is None else orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise click.BadParameter(f"not JSON: {error}", param_hint="BODY") from None


def _description() -> dict[str, Any]:
    place = var_folder() / "demo.json"
    if not place.exists():
        raise NotFound(f"{place} is not there; kopru up --demo writes it.")
    description: dict[str, Any] = orjson.loads(place.read_bytes())
    return description


def _client(client_id: str) -> dict[str, Any]:
    clients: list[dict[str, Any]] = _description()["clients"]
    for each in clients:
        if each["client_id"] == client_id:
            return each
    raise NotFound(f"The demo has no client {client_id}; see: kopru demo show")
