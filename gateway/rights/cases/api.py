"""`/rights-requests`: customers ask about their own data; inside, requests are listed, started and refused."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from gateway.channels import Channel
from gateway.db import now
from gateway.errors import NotFound
from gateway.http import Call, Operations, Reply, created
from gateway.paging import Page
from gateway.rights.cases import service
from gateway.rights.cases.models import RightsCase, RightsStep
from schemas import rights as shapes

operations = Operations("Rights")
_INTERNET, _INTRANET = (Channel.INTERNET,), (Channel.INTRANET,)
_SHOWN = {Channel.INTERNET: shapes.RightsRequest, Channel.INTRANET: shapes.InternalRightsRequest}
_ASK, _READ, _WRITE = "rights:ask", "rights:read", "rights:write"


@operations.post(
    "/rights-requests",
    scope=_ASK,
    channels=_INTERNET,
    body=shapes.RightsRequestInput,
    returns=shapes.RightsRequest,
)
def ask_right(call: Call) -> Reply:
    """Ask for access, rectification, restriction or erasure; it is answered within the time the law gives."""
    customer_id = call.caller.customer_id if call.channel is Channel.INTERNET else call.body["customer_id"]
    if customer_id is None:
        raise NotFound
    said = {name: call.body.get(name) for name in ("note", "wish")}
    case = service.ask(call.tx, customer_id, call.body["kind"], call.settings.rights_days, **said)
    return created(show(call, [case])[0], f"{call.base}/rights-requests/{case.id}")


operations.post(
    "/rights-requests",
    scope=_WRITE,
    channels=_INTRANET,
    body=shapes.InternalRightsRequestInput,
    returns=shapes.InternalRightsRequest,
)(ask_right)


@operations.list(
    "/rights-requests", scope=_ASK, channels=_INTERNET, query=shapes.RightsQuery, returns=shapes.RightsRequest
)
def list_rights_requests(call: Call) -> Page:
    """List requests, the newest first."""
    limit, after = call.query["limit"], call.after
    names = ("kind", "status", "customer_id", "is_overdue")
    wanted = {name: call.query[name] for name in names if name in call.query}
    found = service.find(call.tx, limit + 1, after[0] if after else None, **wanted)
    return Page(show(call, found[:limit]), (found[limit - 1].id,) if len(found) > limit else None)


operations.list(
    "/rights-requests",
    scope=_READ,
    channels=_INTRANET,
    query=shapes.InternalRightsQuery,
    returns=shapes.InternalRightsRequest,
)(list_rights_requests)


@operations.get("/rights-requests/<id:case_id>", scope=_ASK, channels=_INTERNET, returns=shapes.RightsRequest)
def get_rights_request(call: Call, case_id: UUID) -> Reply:
    """One request and every step it has taken."""
    return _replied(call, service.get(call.tx, case_id))


operations.get("/rights-requests/<id:case_id>", scope=_READ, channels=_INTRANET, returns=shapes.InternalRightsRequest)(
    get_rights_request
)


@operations.post(
    "/rights-requests/<id:case_id>/start",
    scope=_WRITE,
    channels=_INTRANET,
    returns=shapes.InternalRightsRequest,
    status=200,
)
def start_rights_request(call: Call, case_id: UUID) -> Reply:
    """Have the work of a request begin; who asked was made sure of before."""
    return _replied(call, service.start(call.tx, case_id))


@operations.post(
    "/rights-requests/<id:case_id>/refuse",
    scope=_WRITE,
    channels=_INTRANET,
    body=shapes.Refusal,
    returns=shapes.InternalRightsRequest,
    status=200,
)
def refuse_rights_request(call: Call, case_id: UUID) -> Reply:
    """Refuse a request and say why, such as for what the law has us keep; the customer reads the reason."""
    return _replied(call, service.refuse(call.tx, case_id, call.body["reason"]))


def show(call: Call, cases: list[RightsCase]) -> list[dict[str, Any]]:
    """Cases as a channel shows them."""
    steps, moment = service.steps_of(call.tx, [case.id for case in cases]), now()
    names = tuple(_SHOWN[call.channel]._declared_fields)
    is_inside = call.channel is Channel.INTRANET
    return [
        {name: getattr(case, name) for name in names if name not in ("steps", "is_overdue")}
        | {"is_overdue": service.is_overdue(case, moment), "steps": [_step(each, is_inside) for each in steps[case.id]]}
        for case in cases
    ]


def _step(step: RightsStep, is_inside: bool) -> dict[str, Any]:
    return {"at": step.at, "step": step.step} | ({"actor": step.actor} if is_inside else {})


def _replied(call: Call, case: RightsCase) -> Reply:
    return Reply(show(call, [case])[0])
