"""What people type for an endpoint: its id or its address."""

from __future__ import annotations

from sqlalchemy import select

from gateway.cli.naming import as_id
from gateway.db import Transaction
from gateway.errors import NotFound
from gateway.webhooks.models import Endpoint


def endpoint_of(tx: Transaction, url_or_id: str) -> Endpoint:
    """The endpoint with this id, or the only one with this URL; raises NotFound."""
    found_id = as_id(url_or_id)
    condition = Endpoint.id == found_id if found_id else Endpoint.url == url_or_id
    found = tx.scalars(select(Endpoint).where(condition, Endpoint.deleted_at.is_(None)))
    if len(found) != 1:
        what = "is no endpoint" if not found else "are several endpoints"
        raise NotFound(f"There {what} {url_or_id}; see: kopru webhook list")
    endpoint: Endpoint = found[0]
    return endpoint
