"""`kopru sync conflicts`, `settle` and the rules of merging: what became of fields that both sides changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click
import orjson

from gateway.cli.naming import known
from gateway.cli.output import show_list, show_one, with_output
from gateway.cli.place import writing
from gateway.cli.sync import sync
from gateway.cli.sync_naming import link_of
from gateway.db import Transaction
from gateway.sync.merging import rulebook, service
from gateway.sync.merging.rules import RULES
from gateway.sync.merging.shown import conflicts_form
from gateway.sync.streams import STREAMS

_CONFLICT = ("id", "link", "stream", "record_id", "field", "ours", "theirs", "status", "chosen", "updated_at")
_RULE = ("stream", "field", "rule", "sources", "is_default")
_MOST = 100
_stream = click.Choice(tuple(STREAMS))


@sync.command("conflicts")
@click.argument("link", required=False)
@click.option("--all", "is_all", is_flag=True, help="Also those that are settled.")
@with_output
def list_conflicts(link: str | None, is_all: bool, output: str) -> None:
    """List fields that both sides changed and that wait for a choice: of one LINK or of all."""
    with writing("sync conflicts") as tx:
        filters: dict[str, Any] = {} if is_all else {"status": "open"}
        if link:
            filters["link_id"] = link_of(tx, link).id
        found = conflicts_form(tx, service.list_conflicts(tx, filters, limit=_MOST))
    show_list(found, _CONFLICT, output, "No conflict waits.")


@sync.command("settle")
@click.argument("conflict", type=click.UUID)
@click.argument("choice", type=click.Choice(("ours", "theirs", "value")))
@click.option("--value", help="JSON, with the choice `value`; null empties the field.")
@with_output
def settle(conflict: UUID, choice: str, value: str | None, output: str) -> None:
    """Settle a CONFLICT: have both sides take ours, theirs or another value.

    \b
    Example:  kopru sync settle 0199… theirs
              kopru sync settle 0199… value --value '"Işık Yıldız"'
    """
    if (value is not None) != (choice == "value"):
        raise click.UsageError("Give --value exactly with the choice `value`.")
    with known("conflict", "sync conflicts"), writing("sync settle") as tx:
        settled = service.settle(tx, conflict, choice, _read(value))
        (record,) = conflicts_form(tx, [settled])
    show_one(record, output)


@sync.command("rules")
@click.option("--stream", type=_stream, help="Of one stream alone.")
@with_output
def list_rules(stream: str | None, output: str) -> None:
    """List which side's word on each field holds, the defaults too."""
    with writing("sync rules") as tx:
        rules = rulebook.list_rules(tx, stream)
    show_list(rules, _RULE, output)


@sync.command("rule-set")
@click.argument("stream", type=_stream)
@click.argument("field")
@click.argument("rule", type=click.Choice((*RULES, "default")))
@click.argument("sources", nargs=-1)
@with_output
def set_rule(stream: str, field: str, rule: str, sources: tuple[str, ...], output: str) -> None:
    """Set the RULE of a FIELD; with `priority` the SOURCES follow, the first weighing most: links, or hub.

    \b
    Example:  kopru sync rule-set customers family_name priority hub "Eskişehir Oto DMS"
              kopru sync rule-set customers attributes/colour newest
              kopru sync rule-set customers family_name default
    """
    with writing("sync rule-set") as tx:
        if rule == "default":
            rulebook.reset_rule(tx, stream, field)
        else:
            rulebook.set_rule(tx, stream, field, rule, [_source(tx, each) for each in sources])
        record = rulebook.get_rule(tx, stream, field)
    show_one(record, output)


def _source(tx: Transaction, named: str) -> str:
    is_ours = named.partition(":")[0] in ("hub", "partner")
    return named if is_ours else str(link_of(tx, named).id)


def _read(value: str | None) -> Any:
    try:
        return None if value is None else orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise click.BadParameter(f"not JSON: {error}", param_hint="--value") from None
