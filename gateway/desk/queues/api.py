"""`/queues`: the queues of the house, and how each keeps its promise."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from gateway.channels import Channel
from gateway.db import now
from gateway.desk.queues import level, service
from gateway.desk.queues.models import WorkQueue
from gateway.http import Call, Operations, Reply, created, found
from gateway.paging import Page, page_of
from schemas import queue as shapes
from schemas.projection import show

operations = Operations("Desk")

_INSIDE = (Channel.INTRANET,)


@operations.list("/queues", scope="queues:read", query=shapes.QueueListQuery, returns=shapes.Queue, channels=_INSIDE)
def list_queues(call: Call) -> Page:
    """List the queues by name."""
    after, limit = (call.after[0] if call.after else ""), call.query["limit"]
    rows = service.list_all(call.tx, after, limit + 1)
    return page_of(rows, limit, shown, ("name",))


@operations.post("/queues", scope="desk:configure", body=shapes.QueueInput, returns=shapes.Queue, channels=_INSIDE)
def add_queue(call: Call) -> Reply:
    """Add a queue with its service level: so many percent of its items are taken within so many seconds."""
    queue = service.add(call.tx, call.body)
    return created(shown(queue), f"{call.base}/queues/{queue.id}", queue.version)


@operations.get(
    "/queues/<id:queue_id>",
    scope="queues:read",
    query=shapes.QueueQuery,
    returns=shapes.MeasuredQueue,
    channels=_INSIDE,
)
def show_queue(call: Call, queue_id: UUID) -> Reply:
    """Show a queue, what waits in it, and the share of its items that were taken in time."""
    queue = service.get(call.tx, queue_id)
    measured = level.measure(call.tx, queue, call.query["window_hours"], now())
    return found(shown(queue) | {"level": measured}, queue.version)


@operations.patch(
    "/queues/<id:queue_id>",
    scope="desk:configure",
    body=shapes.QueuePatch,
    returns=shapes.Queue,
    channels=_INSIDE,
    needs_version=True,
)
def change_queue(call: Call, queue_id: UUID) -> Reply:
    """Change a queue; an archived one takes nothing new, and what stands in it is still worked on."""
    queue = service.change(call.tx, queue_id, call.body, call.expected_version())
    return found(shown(queue), queue.version)


def shown(queue: WorkQueue) -> dict[str, Any]:
    """A queue in its wire form."""
    return show(shapes.Queue, queue)
