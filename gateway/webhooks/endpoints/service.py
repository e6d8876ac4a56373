"""What can be done with webhook endpoints: register, change, rotate. Nothing here commits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text

from gateway import audit
from gateway.channels import Caller, Channel
from gateway.db import Query, Transaction, new_id, now
from gateway.errors import Conflict, Forbidden, NotFound, PreconditionFailed, refuse_field
from gateway.webhooks import bell
from gateway.webhooks.delivery import ending, holding, paces
from gateway.webhooks.endpoints import keys, wishes
from gateway.webhooks.endpoints.standing import standing_of
from gateway.webhooks.models import Endpoint

OVERLAP = timedelta(hours=24)
MOST_ENDPOINTS = 100

_CANCEL = Query(
    text(
        """
        UPDATE webhook_deliveries SET status = 'cancelled'
        WHERE endpoint_id = :endpoint_id AND status IN ('pending', 'held')
        """
    )
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


def register(
    tx: Transaction,
    url: str,
    event_types: Iterable[str],
    description: str = "",
    *,
    signatures: Iterable[str] = ("v1",),
    secret: str | None = None,
    **more: Any,
) -> tuple[Endpoint, str | None]:
    """Add an endpoint of the caller's own; answers it with its `v1` secret, which is shown this once.

    `more` are other loaded wishes. Raises Invalid with pointers, TooManyEndpoints.
    """
    owner = _owner(tx.caller)
    mine = select(func.count()).select_from(Endpoint).filter_by(**owner, deleted_at=None)
    if (tx.session.scalar(mine) or 0) >= MOST_ENDPOINTS:
        raise TooManyEndpoints
    if secret is not None and "v1" not in (signatures := list(signatures)):
        raise refuse_field("/secret", "invalid", "Only `v1` has a secret, and `signatures` leaves it out.")
    endpoint = Endpoint(id=new_id(), **owner, url="", event_types=[], partner=tx.caller.partner or None, version=1)
    wished = {"url": url, "event_types": event_types, "description": description, **more}
    wishes.check_addresses("", wished)
    wishes.put(tx, endpoint, wished)
    tx.session.add(endpoint)
    tx.session.flush()
    made = [keys.add(tx, endpoint.id, kind, secret if kind == "v1" else None) for kind in signatures]
    audit.record(tx, "webhook_endpoint.created", "webhook_endpoint", endpoint.id, {"event_types": endpoint.event_types})
    return endpoint, next(filter(None, made), None)


def change(tx: Transaction, endpoint_id: UUID, patch: dict[str, Any], expected_version: int) -> Endpoint:
    """Apply a loaded patch; raises NotFound, PreconditionFailed, Invalid, Unavailable.

    What was held goes out on return.
    """
    wishes.check_addresses(get(tx, endpoint_id).url, patch)
    endpoint = _lock(tx, endpoint_id)
    if endpoint.version != expected_version:
        raise PreconditionFailed
    changed = wishes.put(tx, endpoint, patch)
    if "signatures" in patch and _sign_by(tx, endpoint, set(patch["signatures"])):
        changed.append("signatures")
    if "status" in changed:
        _switch(tx, endpoint)
    if changed:
        _touch(endpoint)
        audit.record(tx, "webhook_endpoint.updated", "webhook_endpoint", endpoint_id, {"fields": sorted(changed)})
    return endpoint


def delete(tx: Transaction, endpoint_id: UUID) -> None:
    """Remove an endpoint, forget its secrets and cancel what it was still owed; raises NotFound."""
    endpoint = _lock(tx, endpoint_id)
    endpoint.deleted_at = now()
    endpoint.status = "disabled"
    endpoint.headers_sealed = endpoint.access = endpoint.access_sealed = None
    keys.forget(tx, endpoint_id)
    tx.run(_CANCEL, endpoint_id=endpoint_id)
    audit.record(tx, "webhook_endpoint.deleted", "webhook_endpoint", endpoint_id)


def rotate(
    tx: Transaction,
    endpoint_id: UUID,
    overlap: timedelta = OVERLAP,
    kind: str | None = None,
    secret: str | None = None,
) -> tuple[Endpoint, str | None]:
    """Give an endpoint a new key of a kind; the one before signs too while they overlap.

    Answers the secret of a `v1` key. Raises NotFound, Invalid for a secret that is none, TooManyKeys.
    """
    endpoint = _lock(tx, endpoint_id)
    kind = kind or standing_of(tx, [endpoint_id])[endpoint_id].signatures[0]
    keys.end(tx, endpoint_id, kind, overlap)
    made = keys.add(tx, endpoint_id, kind, secret)
    _touch(endpoint)
    audit.record(tx, "webhook_endpoint.rotated", "webhook_endpoint", endpoint_id, {"kind": kind})
    return endpoint, made


def _sign_by(tx: Transaction, endpoint: Endpoint, wished: set[str]) -> bool:
    present = set(standing_of(tx, [endpoint.id])[endpoint.id].signatures)
    if "v1" in wished - present:
        message = "A rotation with `kind` `v1` adds it: its answer shows the secret."
        raise refuse_field("/signatures", "invalid", message)
    for kind in wished - present:
        keys.add(tx, endpoint.id, kind)
    for kind in present - wished:
        keys.end(tx, endpoint.id, kind, OVERLAP)
    return wished != present


def _switch(tx: Transaction, endpoint: Endpoint) -> None:
    is_active = endpoint.status == "active"
    endpoint.disabled_reason = None if is_active else "by its owner"
    endpoint.disabled_at = None if is_active else now()
    tx.session.flush()
    if is_active:
        holding.release(tx, endpoint.id)
        paces.begin_anew(tx, endpoint.id)
        bell.ring_after(tx)
    else:
        holding.hold(tx, endpoint.id)
    ending.tell(tx, f"webhook.endpoint.{'enabled' if is_active else 'disabled'}", endpoint)


def _lock(tx: Transaction, endpoint_id: UUID) -> Endpoint:
    statement = select(Endpoint).where(Endpoint.id == endpoint_id, Endpoint.deleted_at.is_(None)).with_for_update()
    endpoint = tx.session.scalar(statement.execution_options(populate_existing=True))
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
