"""`kopru webhook add`, `change`: an endpoint and everything that may be wished of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any, BinaryIO, TypeVar

import click
import orjson

from gateway.cli.output import show_one, with_output
from gateway.cli.place import opened, operator
from gateway.cli.webhook import owner, ring, show_endpoints, show_with_secret, webhook
from gateway.cli.webhook_filter import FILTER
from gateway.cli.webhook_naming import endpoint_of
from gateway.db import transaction
from gateway.validation import load
from gateway.webhooks.endpoints import service
from schemas.webhook import PAYLOADS, SIGNATURES, EndpointInput, EndpointPatch

Command = TypeVar("Command", bound=Callable[..., Any])
_WITHOUT: dict[str, dict[str, Any]] = {
    "rate": {"rate_per_minute": None},
    "retry-delays": {"retry_delays": None},
    "filters": {"filters": []},
    "headers": {"headers": None},
    "auth": {"auth": None},
}


def _seconds(_: click.Context, __: click.Parameter, value: str | None) -> list[int] | None:
    try:
        return None if value is None else [int(each) for each in value.split(",")]
    except ValueError:
        raise click.BadParameter("seconds with commas between, such as 5,60,600") from None


def read_json(_: click.Context, parameter: click.Parameter, file: BinaryIO | None) -> Any:
    """What a file holds, for an option that names one."""
    if file is None:
        return None
    try:
        return orjson.loads(file.read())
    except orjson.JSONDecodeError as error:
        raise click.BadParameter(f"not JSON: {error}", param=parameter) from None


_WISHES = (
    click.option("--description", help="For people."),
    click.option("--payload", type=click.Choice(PAYLOADS), help="thin: what happened to which record, no more."),
    click.option("--filter", "filters", multiple=True, type=FILTER, help="A condition on the data; may be repeated."),
    click.option("--rate", "rate_per_minute", type=click.IntRange(1, 60_000), help="At most so many a minute."),
    click.option("--ordered/--unordered", default=None, help="A customer's next event waits for the one before."),
    click.option("--retry-delays", callback=_seconds, help="5,60,600: seconds until each next try."),
    click.option("--hold-hours", type=click.IntRange(0, 336), help="How long events are kept while it is disabled."),
    click.option("--signatures", multiple=True, type=click.Choice(SIGNATURES), help="How we sign; may be repeated."),
    click.option(
        "--headers", type=click.File("rb"), callback=read_json, help="JSON file of headers to send; null removes one."
    ),
    click.option(
        "--auth", type=click.File("rb"), callback=read_json, help="JSON file of oauth2 or mtls; - reads a pipe."
    ),
)  # fmt: skip


def with_wishes(command: Command) -> Command:
    """Give a command an option for each wish."""
    return reduce(lambda given, option: option(given), reversed(_WISHES), command)


@webhook.command("add")
@click.argument("url")
@click.option("--events", multiple=True, required=True, help="A type, customer.*, or *; may be repeated.")
@click.option("--partner", help="Code of the partner it belongs to; the house's own unless given.")
@with_wishes
@with_output
def add_endpoint(url: str, events: tuple[str, ...], partner: str | None, output: str, **said: Any) -> None:
    """Register URL; its signing secret is shown once. Secrets are read from files, and never shown again.

    A --filter is FIELD=VALUE[,VALUE…], FIELD!=VALUE…, FIELD (it is there), !FIELD (it is not), or JSON; all must hold.

    \b
    Example:  kopru webhook add https://bursa.example/kopru --partner bursa --events 'customer.*' \\
                  --filter status=active --rate 600 --ordered
              echo '{"type": "oauth2", "token_url": "https://…", "client_id": "…", "client_secret": "…"}' |
                  kopru webhook add https://bursa.example/kopru --events '*' --auth -
    """
    with opened():
        body = load(EndpointInput, wished(said) | {"url": url, "event_types": list(events)})
        with transaction(owner("webhook add", partner)) as tx:
            endpoint, secret = service.register(tx, **body)
            (record,) = show_endpoints(tx, [endpoint])
    show_with_secret(record, secret, output)


@webhook.command("change")
@click.argument("endpoint")
@click.option("--url", help="Another address; secrets do not follow to another server.")
@click.option("--events", multiple=True, help="Instead of those it has; may be repeated.")
@with_wishes
@click.option("--without", multiple=True, type=click.Choice(tuple(_WITHOUT)), help="From now on; may be repeated.")
@with_output
def change_endpoint(
    endpoint: str, url: str | None, events: tuple[str, ...], without: tuple[str, ...], output: str, **said: Any
) -> None:
    """Change what is wished of ENDPOINT (its id or URL); what is not said stays.

    \b
    Example:  kopru webhook change https://bursa.example/kopru --rate 600 --without retry-delays
    """
    patch = wished(said) | ({"url": url} if url else {}) | ({"event_types": list(events)} if events else {})
    for each in without:
        patch |= _WITHOUT[each]
    with opened(), transaction(operator("webhook change")) as tx:
        found = endpoint_of(tx, endpoint)
        changed = service.change(tx, found.id, load(EndpointPatch, patch, is_patch=True), found.version)
        (record,) = show_endpoints(tx, [changed])
    ring()
    show_one(record, output)


def wished(said: dict[str, Any]) -> dict[str, Any]:
    """What options say, as it stands on the wire; what was not said is not there."""
    wishes = {name: value for name, value in said.items() if value is not None and value != ()}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in wishes.items()}
