"""Long work on the wire: `/operations`, one's own, and on the intranet everybody's."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from gateway.channels import Channel
from gateway.http import Call, Operations, Reply, accepted
from gateway.longrunning import service
from gateway.longrunning.models import Operation
from gateway.paging import Page, page_of
from schemas import operation as shapes
from schemas.projection import show

operations = Operations("Operations")
# Scopes that start the kinds there are; an operation's own kind asks for its own besides.
_READ, _WRITE = "webhooks:read", "webhooks:write"
_OR = ("customers:import", "customers:export")
_CHANNELS = (Channel.EXTRANET, Channel.INTRANET)


@operations.list(
    "/operations",
    scope=_READ,
    or_scopes=_OR,
    channels=_CHANNELS,
    query=shapes.OperationQuery,
    returns=shapes.Operation,
)
def list_operations(call: Call) -> Page:
    """List long-running operations, newest first; those that ended are kept for 30 days."""
    limit, after = call.query["limit"], call.after
    wanted = {name: call.query[name] for name in ("kind", "status") if name in call.query}
    found = service.find(call.tx, limit + 1, after[0] if after else None, **wanted)
    return page_of(found, limit, partial(show, shapes.Operation))


@operations.get(
    "/operations/<id:operation_id>", scope=_READ, or_scopes=_OR, channels=_CHANNELS, returns=shapes.Operation
)
def get_operation(call: Call, operation_id: UUID) -> Reply:
    """One operation and how far it has come."""
    return Reply(show(shapes.Operation, service.get(call.tx, operation_id)))


@operations.post(
    "/operations/<id:operation_id>/cancel",
    scope=_WRITE,
    or_scopes=_OR,
    channels=_CHANNELS,
    returns=shapes.Operation,
    status=202,
)
def cancel_operation(call: Call, operation_id: UUID) -> Reply:
    """Have an operation end after its present step; what it has done stays done."""
    return begun(call, service.cancel(call.tx, operation_id))


def begun(call: Call, operation: Operation) -> Reply:
    """202 with an operation and where to follow it."""
    return accepted(show(shapes.Operation, operation), f"{call.base}/operations/{operation.id}")
