"""Webhook endpoints of partners and of the house: register, change, rotate."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from gateway.channels import Channel
from gateway.db import Transaction
from gateway.http import NO_CONTENT, Call, Operations, Reply, created, found
from gateway.paging import Page
from gateway.webhooks.endpoints import keys, service
from gateway.webhooks.models import Endpoint
from schemas import webhook as shapes
from schemas.page import PageQuery

operations = Operations("Webhooks")

_READ, _WRITE = "webhooks:read", "webhooks:write"
_CHANNELS = (Channel.EXTRANET, Channel.INTRANET)
_SHOWN = {Channel.EXTRANET: shapes.Endpoint, Channel.INTRANET: shapes.InternalEndpoint}
_NEW = {Channel.EXTRANET: shapes.NewEndpoint, Channel.INTRANET: shapes.NewInternalEndpoint}


@operations.list("/webhooks/endpoints", scope=_READ, channels=_CHANNELS, query=PageQuery, returns=_SHOWN)
def list_webhook_endpoints(call: Call) -> Page:
    """List webhook endpoints, oldest first: your own, or on the intranet everyone's."""
    limit = call.query["limit"]
    endpoints = service.list_endpoints(call.tx, limit + 1, call.after[0] if call.after else None)
    items = show_all(call.tx, endpoints[:limit], call.channel)
    return Page(items, (items[-1]["id"],) if len(endpoints) > limit else None)


@operations.post(
    "/webhooks/endpoints", scope=_WRITE, channels=_CHANNELS, body=shapes.EndpointInput, returns=_NEW, also=(409,)
)
def register_webhook_endpoint(call: Call) -> Reply:
    """Register an address to be told of events; the answer shows its secret, this once.

    Messages follow Standard Webhooks and show a record as you may see it. The address must be public and https.
    """
    endpoint, secret = service.register(call.tx, **call.body)
    location = f"{call.base}/webhooks/endpoints/{endpoint.id}"
    return created({**show(call.tx, endpoint, call.channel), "secret": secret}, location, endpoint.version)


@operations.get("/webhooks/endpoints/<id:endpoint_id>", scope=_READ, channels=_CHANNELS, returns=_SHOWN)
def get_webhook_endpoint(call: Call, endpoint_id: UUID) -> Reply:
    """One webhook endpoint, without its secret."""
    endpoint = service.get(call.tx, endpoint_id)
    return found(show(call.tx, endpoint, call.channel), endpoint.version)


@operations.patch(
    "/webhooks/endpoints/<id:endpoint_id>",
    scope=_WRITE,
    channels=_CHANNELS,
    body=shapes.EndpointPatch,
    returns=_SHOWN,
    needs_version=True,
)
def change_webhook_endpoint(call: Call, endpoint_id: UUID) -> Reply:
    """Change an endpoint's address, events, description or status; while disabled it is sent nothing."""
    endpoint = service.change(call.tx, endpoint_id, call.body, call.expected_version())
    return found(show(call.tx, endpoint, call.channel), endpoint.version)


@operations.delete("/webhooks/endpoints/<id:endpoint_id>", scope=_WRITE, channels=_CHANNELS)
def delete_webhook_endpoint(call: Call, endpoint_id: UUID) -> Reply:
    """Remove an endpoint; what it was still owed is cancelled."""
    service.delete(call.tx, endpoint_id)
    return NO_CONTENT


@operations.post(
    "/webhooks/endpoints/<id:endpoint_id>/rotate", scope=_WRITE, channels=_CHANNELS, returns=_NEW, status=200
)
def rotate_webhook_secret(call: Call, endpoint_id: UUID) -> Reply:
    """Give an endpoint a new secret; for 24 hours the one before signs too, so nothing is missed meanwhile."""
    endpoint, secret = service.rotate(call.tx, endpoint_id)
    return found({**show(call.tx, endpoint, call.channel), "secret": secret}, endpoint.version)


def show(tx: Transaction, endpoint: Endpoint, channel: Channel) -> dict[str, Any]:
    """An endpoint as a channel shows it."""
    return show_all(tx, [endpoint], channel)[0]


def show_all(tx: Transaction, endpoints: list[Endpoint], channel: Channel) -> list[dict[str, Any]]:
    """Endpoints as a channel shows them."""
    overlaps = keys.overlaps(tx, [each.id for each in endpoints])
    names = [name for name in _SHOWN[channel]._declared_fields if name != "old_secret_until"]
    return [
        {name: getattr(each, name) for name in names} | {"old_secret_until": overlaps.get(each.id)}
        for each in endpoints
    ]
