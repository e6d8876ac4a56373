"""The keys that sign for an endpoint: made, ended with an overlap, and found again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, select, text

from gateway import vault
from gateway.db import Query, Transaction, new_id
from gateway.webhooks.endpoints import signature
from gateway.webhooks.models import SigningKey

_OVERLAPS = Query(
    select(SigningKey.endpoint_id, func.max(SigningKey.ends_at))
    .where(SigningKey.endpoint_id == func.any(bindparam("ids")), SigningKey.ends_at > func.now())
    .group_by(SigningKey.endpoint_id)
)
_END = Query(text("UPDATE webhook_keys SET ends_at = :at WHERE endpoint_id = :endpoint_id AND ends_at IS NULL"))
_FORGET = Query(text("DELETE FROM webhook_keys WHERE endpoint_id = :endpoint_id"))


def add(tx: Transaction, endpoint_id: UUID) -> str:
    """Give an endpoint a new secret, answered in clear; stored it is sealed."""
    secret = signature.new_key("v1")
    sealed = vault.seal(secret, bound_to(endpoint_id))
    tx.session.add(SigningKey(id=new_id(), endpoint_id=endpoint_id, kind="v1", sealed=sealed))
    tx.session.flush()
    return secret


def end(tx: Transaction, endpoint_id: UUID, at: datetime) -> None:
    """Have the present keys sign until a moment and no longer."""
    tx.run(_END, endpoint_id=endpoint_id, at=at)


def forget(tx: Transaction, endpoint_id: UUID) -> None:
    """Remove every key of an endpoint."""
    tx.run(_FORGET, endpoint_id=endpoint_id)


def overlaps(tx: Transaction, endpoint_ids: list[UUID]) -> dict[UUID, datetime]:
    """Until when an older key signs too, for those endpoints that have one."""
    return dict(tx.rows(_OVERLAPS, ids=endpoint_ids))


def bound_to(endpoint_id: UUID) -> str:
    """The place a key is sealed for."""
    return f"webhook_endpoint:{endpoint_id}:secret"
