"""`kopru webhook tail`: attempts as they are made."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import click
import orjson

from gateway.cli.output import with_output
from gateway.cli.place import opened, operator
from gateway.cli.webhook import webhook
from gateway.cli.webhook_naming import endpoint_of
from gateway.db import now, transaction
from gateway.webhooks.messages import search

_LOOK_SECONDS = 0.5
# An attempt is known by when it began, up to 20 s before it is written; the rest is for clocks that differ.
_LATE = timedelta(seconds=60)
_AT_ONCE = 1000


@webhook.command("tail")
@click.argument("endpoint", required=False)
@click.option("--failed", is_flag=True, help="Only what was not delivered.")
@click.option("-n", "before", default=10, show_default=True, type=click.IntRange(0, 1000), help="Begin so many back.")
@with_output
def tail(endpoint: str | None, failed: bool, before: int, output: str) -> None:
    """Show attempts to reach ENDPOINT (its id or URL), or all, as they are made; Ctrl-C ends it.

    With -o json each is one line.
    """
    with opened(), suppress(KeyboardInterrupt):
        with transaction(operator("webhook tail")) as tx:
            asked = {"endpoint_id": endpoint_of(tx, endpoint).id} if endpoint else {}
        for attempt in _as_made(asked, before):
            if not failed or attempt["status"] != "delivered":
                _show(attempt, output)


def _as_made(asked: dict[str, Any], before: int) -> Iterator[dict[str, Any]]:
    known = _find(asked, _AT_ONCE)[::-1]
    yield from known[max(len(known) - before, 0) :]
    seen = {each["id"]: each["attempted_at"] for each in known}
    while True:
        time.sleep(_LOOK_SECONDS)
        since = now() - _LATE
        seen = {attempt_id: at for attempt_id, at in seen.items() if at >= since}
        found = [each for each in _find(asked | {"since": since}, _AT_ONCE)[::-1] if each["id"] not in seen]
        seen |= {each["id"]: each["attempted_at"] for each in found}
        yield from found


def _find(asked: dict[str, Any], limit: int) -> list[dict[str, Any]]:
    with transaction(operator("webhook tail")) as tx:
        rows = search.find_attempts(tx, asked, limit, None)
    return [dict(zip(search.ATTEMPT, row, strict=True)) for row in rows]


def _show(attempt: dict[str, Any], output: str) -> None:
    if output == "json":
        click.echo(orjson.dumps(attempt, option=orjson.OPT_UTC_Z).decode())
        return
    how = attempt["http_status"] or attempt["error"] or "–"
    click.echo(
        f"{attempt['attempted_at']:%H:%M:%S} {attempt['status']:<9} {how:<3} {attempt['duration_ms']:>5} ms"
        f"  {attempt['event_id']}  {attempt['trigger']} {attempt['number']}  {attempt['url']}"
    )
