"""Webhook endpoints of partners and of the house: register, change, rotate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from gateway.channels import Channel
from gateway.http import NO_CONTENT, Call, Operations, Reply, created, found
from gateway.paging import Page
from gateway.webhooks.endpoints import service, shown
from gateway.webhooks.models import Endpoint
from schemas import webhook as shapes
from schemas.page import PageQuery

operations = Operations("Webhooks")

_READ, _WRITE = "webhooks:read", "webhooks:write"
_CHANNELS = (Channel.EXTRANET, Channel.INTRANET)
_SHOWN: dict[Channel, type[shapes.Endpoint]] = {
    Channel.EXTRANET: shapes.Endpoint,
    Channel.INTRANET: shapes.InternalEndpoint,
}
_NEW = {Channel.EXTRANET: shapes.NewEndpoint, Channel.INTRANET: shapes.NewInternalEndpoint}


@operations.list("/webhooks/endpoints", scope=_READ, channels=_CHANNELS, query=PageQuery, returns=_SHOWN)
def list_webhook_endpoints(call: Call) -> Page:
    """List webhook endpoints, oldest first: your own, or on the intranet everyone's."""
    limit = call.query["limit"]
    endpoints = service.list_endpoints(call.tx, limit + 1, call.after[0] if call.after else None)
    items = show_all(call, endpoints[:limit])
    return Page(items, (items[-1]["id"],) if len(endpoints) > limit else None)


@operations.post(
    "/webhooks/endpoints", scope=_WRITE, channels=_CHANNELS, body=shapes.EndpointInput, returns=_NEW, also=(409,)
)
def register_webhook_endpoint(call: Call) -> Reply:
    """Register an address to be told of events; the answer shows its secret, this once.

    Messages follow Standard Webhooks and show a record as you may see it. The address must be public and https. With
    `v1a` among `signatures` our keys are published at `public_keys_url`, and no secret has to be shared.
    """
    endpoint, secret = service.register(call.tx, **call.body)
    location = f"{call.base}/webhooks/endpoints/{endpoint.id}"
    return created({**show(call, endpoint), "secret": secret}, location, endpoint.version)


@operations.get("/webhooks/endpoints/<id:endpoint_id>", scope=_READ, channels=_CHANNELS, returns=_SHOWN)
def get_webhook_endpoint(call: Call, endpoint_id: UUID) -> Reply:
    """One webhook endpoint, without its secret."""
    endpoint = service.get(call.tx, endpoint_id)
    return found(show(call, endpoint), endpoint.version)


@operations.patch(
    "/webhooks/endpoints/<id:endpoint_id>",
    scope=_WRITE,
    channels=_CHANNELS,
    body=shapes.EndpointPatch,
    returns=_SHOWN,
    needs_version=True,
)
def change_webhook_endpoint(call: Call, endpoint_id: UUID) -> Reply:
    """Change what is wished of an endpoint, or its status; while disabled it is sent nothing, and events are held.

    `headers` are merged by name, `auth` is replaced as a whole. Neither follows to another server.
    """
    endpoint = service.change(call.tx, endpoint_id, call.body, call.expected_version())
    return found(show(call, endpoint), endpoint.version)


@operations.delete("/webhooks/endpoints/<id:endpoint_id>", scope=_WRITE, channels=_CHANNELS)
def delete_webhook_endpoint(call: Call, endpoint_id: UUID) -> Reply:
    """Remove an endpoint; what it was still owed is cancelled."""
    service.delete(call.tx, endpoint_id)
    return NO_CONTENT


@operations.post(
    "/webhooks/endpoints/<id:endpoint_id>/rotate",
    scope=_WRITE,
    channels=_CHANNELS,
    body=shapes.RotateInput,
    is_body_optional=True,
    returns=_NEW,
    status=200,
    also=(409,),
)
def rotate_webhook_secret(call: Call, endpoint_id: UUID) -> Reply:
    """Give an endpoint a new key; the one before signs too for 24 hours, or as long as you say.

    With `kind` it may be of the other kind, which adds that one; `secret` is for a `v1` secret of your own.
    """
    wished = dict(call.body)
    overlap = timedelta(hours=wished.pop("overlap_hours"))
    endpoint, secret = service.rotate(call.tx, endpoint_id, overlap, **wished)
    return found({**show(call, endpoint), "secret": secret}, endpoint.version)


def show(call: Call, endpoint: Endpoint) -> dict[str, Any]:
    """An endpoint as the caller's channel shows it."""
    return show_all(call, [endpoint])[0]


def show_all(call: Call, endpoints: list[Endpoint]) -> list[dict[str, Any]]:
    """Endpoints as the caller's channel shows them."""
    return shown.show_all(call.tx, endpoints, _SHOWN[call.channel], call.settings.base_url)
