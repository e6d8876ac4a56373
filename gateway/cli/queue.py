"""`kopru queue`: the queues of the desk, how each keeps its promise, and what waits in them."""

from __future__ import annotations

from typing import Any

import click

from gateway.cli.naming import as_id
from gateway.cli.output import show_json, show_list, show_one, with_output
from gateway.cli.place import writing
from gateway.db import Transaction, now
from gateway.desk.queues import items, level, service
from gateway.desk.queues.models import Item, WorkQueue
from gateway.errors import NotFound
from schemas.queue import PRIORITIES

_LISTED = ("name", "waiting", "longest_wait_seconds", "missed", "percent", "met", "closed_until")
_QUEUE = ("id", "name", "team", "target_seconds", "target_percent", "service_points", "opening_hours", "is_archived")
_ITEM = ("id", "kind", "priority", "ready_at", "due_at", "assigned_to")
_MOST_QUEUES, _MOST_ITEMS = 200, 20


@click.group()
def queue() -> None:
    """Look at the queues of the desk."""


@queue.command("list")
@click.option("--hours", type=click.IntRange(1, 744), default=24, show_default=True, help="Window of the percentage.")
@with_output
def list_queues(hours: int, output: str) -> None:
    """List queues with what waits, for how long, what has missed its time, and the share that was taken in time."""
    with writing("queue list") as tx:
        shown = [_measured(tx, each, hours) for each in service.list_all(tx, "", _MOST_QUEUES)]
    show_list(shown, _LISTED, output, "There is no queue yet: POST /intranet/v1/queues makes one.")


@queue.command("show")
@click.argument("name")
@click.option("--hours", type=click.IntRange(1, 744), default=24, show_default=True, help="Window of the percentage.")
@with_output
def show_queue(name: str, hours: int, output: str) -> None:
    """Show a queue, by NAME or id, and the first of what waits in it; about whom, only the desk is shown.

    \b
    Example:  kopru queue show "Geri aramalar"
    """
    with writing("queue show") as tx:
        found = _queue_of(tx, name)
        shown = _measured(tx, found, hours)
        waiting = items.find(tx, {"queue_id": found.id, "status": "waiting"}, None, _MOST_ITEMS)
        rows = [_item(each) for each in waiting]
    if output == "json":
        show_json(shown | {"items": rows})
        return
    show_one(shown, output)
    click.echo()
    show_list(rows, _ITEM, output, "Nothing waits.")


def _queue_of(tx: Transaction, name: str) -> WorkQueue:
    found_id = as_id(name)
    found = service.get(tx, found_id) if found_id else service.find(tx, name)
    if found is None:
        raise NotFound(f"There is no queue {name}; see: kopru queue list")
    return found


def _measured(tx: Transaction, queue: WorkQueue, hours: int) -> dict[str, Any]:
    return {name: getattr(queue, name) for name in _QUEUE} | level.measure(tx, queue, hours, now())


def _item(item: Item) -> dict[str, Any]:
    return {name: getattr(item, name) for name in _ITEM} | {"priority": PRIORITIES[item.priority]}
