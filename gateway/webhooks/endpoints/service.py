"""What can be done with webhook endpoints: register, change, rotate. Nothing here commits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text

from gateway import audit, guarded
from gateway.channels import Caller, Channel
from gateway.db import Query, Transaction, new_id, now
from gateway.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed, refuse_field
from gateway.webhooks import bell
from gateway.webhooks.endpoints import keys
from gateway.webhooks.models import Endpoint
from gateway.webhooks.patterns import is_known, types_on

OVERLAP = timedelta(hours=24)
MOST_ENDPOINTS = 100

_CANCEL = Query(
    text("UPDATE webhook_deliveries SET status = 'cancelled' WHERE endpoint_id = :endpoint_id AND status = 'pending'")
)


class TooManyEndpoints(Conflict):
    """One owner has as many endpoints as it may have."""

    code, title = "too_many_endpoints", f"There are {MOST_ENDPOINTS} endpoints already; remove one first"


def list_endpoints(tx: Transaction, limit: int = 1000, after: UUID | None = None) -> list[Endpoint]:
    """The endpoints the caller may see, oldest first: its own, or on the intranet everyone's."""
    statement = select(Endpoint).where(Endpoint.deleted_at.is_(None)).order_by(Endpoint.id).limit(limit)
    return tx.scalars(statement if after is None else statement.where(Endpoint.id > after))


def get(tx: Transaction, endpoint_id: UUID) -> Endpoint:
    """One endpoint; raises NotFound for one that is deleted or the caller may not see."""
    endpoint = tx.session.get(Endpoint, endpoint_id)
    if endpoint is None or endpoint.deleted_at is not None:
        raise NotFound
    return endpoint


def register(tx: Transaction, url: str, event_types: Iterable[str], description: str = "") -> tuple[Endpoint, str]:
    """Add an endpoint of the caller's own; answers it with its secret, which is shown this once.

    Raises Invalid for an address that may not be called or a pattern that fits no event, TooManyEndpoints.
    """
    owner = _owner(tx.caller)
    types = _usable_types(event_types, Channel(owner["channel"]))
    _check_address(url)
    mine = select(func.count()).select_from(Endpoint).filter_by(**owner, deleted_at=None)
    if (tx.session.scalar(mine) or 0) >= MOST_ENDPOINTS:
        raise TooManyEndpoints
    endpoint_id = new_id()
    endpoint = Endpoint(
        id=endpoint_id, **owner, url=url, event_types=types, description=description, status="active", version=1,
        partner=tx.caller.partner or None,
    )  # fmt: skip
    tx.session.add(endpoint)
    tx.session.flush()
    secret = keys.add(tx, endpoint_id)
    audit.record(tx, "webhook_endpoint.created", "webhook_endpoint", endpoint_id, {"event_types": types})
    return endpoint, secret


def change(tx: Transaction, endpoint_id: UUID, patch: dict[str, Any], expected_version: int) -> Endpoint:
    """Apply a loaded patch; raises NotFound, PreconditionFailed, Invalid. Waiting messages go out on return."""
    endpoint = _lock(tx, endpoint_id)
    if endpoint.version != expected_version:
        raise PreconditionFailed
    if "event_types" in patch:
        patch = {**patch, "event_types": _usable_types(patch["event_types"], Channel(endpoint.channel))}
    changed = [name for name, value in patch.items() if getattr(endpoint, name) != value]
    if "url" in changed:
        _check_address(patch["url"])
    for name in changed:
        setattr(endpoint, name, patch[name])
    if "status" in changed:
        endpoint.disabled_reason = "by its owner" if endpoint.status == "disabled" else None
        bell.ring_after(tx)
    if changed:
        _touch(endpoint)
        audit.record(tx, "webhook_endpoint.updated", "webhook_endpoint", endpoint_id, {"fields": sorted(changed)})
    return endpoint


def delete(tx: Transaction, endpoint_id: UUID) -> None:
    """Remove an endpoint, forget its secrets and cancel what it was still owed; raises NotFound."""
    endpoint = _lock(tx, endpoint_id)
    endpoint.deleted_at = now()
    endpoint.status = "disabled"
    keys.forget(tx, endpoint_id)
    tx.run(_CANCEL, endpoint_id=endpoint_id)
    audit.record(tx, "webhook_endpoint.deleted", "webhook_endpoint", endpoint_id)


def rotate(tx: Transaction, endpoint_id: UUID) -> tuple[Endpoint, str]:
    """Give an endpoint a new secret; the one before signs too for 24 hours. Raises NotFound."""
    endpoint = _lock(tx, endpoint_id)
    keys.end(tx, endpoint_id, now() + OVERLAP)
    secret = keys.add(tx, endpoint_id)
    _touch(endpoint)
    audit.record(tx, "webhook_endpoint.rotated", "webhook_endpoint", endpoint_id)
    return endpoint, secret


def _lock(tx: Transaction, endpoint_id: UUID) -> Endpoint:
    statement = select(Endpoint).where(Endpoint.id == endpoint_id, Endpoint.deleted_at.is_(None)).with_for_update()
    endpoint = tx.session.scalar(statement)
    if endpoint is None:
        raise NotFound
    return endpoint


def _touch(endpoint: Endpoint) -> None:
    endpoint.version += 1
    endpoint.updated_at = now()


def _owner(caller: Caller) -> dict[str, Any]:
    partner_id = caller.partner_id if caller.channel is Channel.EXTRANET else None
    customer_id = caller.customer_id if caller.channel is Channel.INTERNET else None
    if caller.channel is Channel.INTERNET and customer_id is None:
        raise Forbidden("Only a customer can be told of their own record.")
    channel = Channel.INTRANET if caller.channel is Channel.SYSTEM else caller.channel
    return {"channel": channel.value, "partner_id": partner_id, "customer_id": customer_id}


def _usable_types(event_types: Iterable[str], channel: Channel) -> list[str]:
    types = list(dict.fromkeys(event_types))
    known = f"Known are {', '.join(types_on(channel))}."
    errors = [
        {"pointer": f"/event_types/{place}", "code": "unknown_event", "message": known}
        for place, pattern in enumerate(types)
        if not is_known(pattern, channel)
    ]
    if errors:
        raise Invalid(errors=errors)
    return types


def _check_address(url: str) -> None:
    try:
        guarded.guard().check(url)
    except guarded.AddressRefused as refused:
        raise refuse_field("/url", refused.code, str(refused)) from None
    except (guarded.Unresolvable, TimeoutError):
        raise refuse_field("/url", "unresolvable", "The host does not resolve to an address.") from None
