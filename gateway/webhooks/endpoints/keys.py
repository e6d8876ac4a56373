"""The keys that sign for an endpoint: made or taken in, ended with an overlap, and found again."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, text

from gateway import vault
from gateway.db import Query, Transaction, new_id
from gateway.errors import Conflict, refuse_field
from gateway.webhooks.endpoints import signature
from gateway.webhooks.models import SigningKey

MOST_KEYS = 10

_END = Query(
    text(
        """
        UPDATE webhook_keys SET ends_at = now() + CAST(:overlap AS interval)
        WHERE endpoint_id = :endpoint_id AND kind = :kind AND ends_at IS NULL
        """
    )
)
_FORGET = Query(text("DELETE FROM webhook_keys WHERE endpoint_id = :endpoint_id"))
_FORGET_ENDED = Query(text("DELETE FROM webhook_keys WHERE endpoint_id = :endpoint_id AND ends_at <= now()"))
_COUNT = Query(text("SELECT count(*) FROM webhook_keys WHERE endpoint_id = :endpoint_id"))
_PUBLIC = Query(
    select(SigningKey.public)
    .where(SigningKey.endpoint_id == text(":endpoint_id"), SigningKey.public.is_not(None))
    .where(text("(ends_at IS NULL OR ends_at > now())"))
    .order_by(SigningKey.created_at.desc())
)


class TooManyKeys(Conflict):
    """So many keys overlap that a message would hardly hold its signatures."""

    code, title = "too_many_keys", f"There are {MOST_KEYS} keys that sign already; let one end first"


def add(tx: Transaction, endpoint_id: UUID, kind: str, secret: str | None = None) -> str | None:
    """Give an endpoint a key, one of ours unless its owner brings a `v1` secret; answers what they must know of it.

    That is the secret in clear, and nothing of a `v1a` key. Raises Invalid, or TooManyKeys.
    """
    if secret is not None:
        _check(kind, secret)
    tx.run(_FORGET_ENDED, endpoint_id=endpoint_id)
    row = tx.first(_COUNT, endpoint_id=endpoint_id)
    if row and row[0] >= MOST_KEYS:
        raise TooManyKeys
    key = secret or signature.new_key(kind)
    public = signature.public_half(key) if kind == "v1a" else None
    sealed = vault.seal(key, bound_to(endpoint_id))
    tx.session.add(SigningKey(id=new_id(), endpoint_id=endpoint_id, kind=kind, sealed=sealed, public=public))
    tx.session.flush()
    return key if kind == "v1" else None


def end(tx: Transaction, endpoint_id: UUID, kind: str, overlap: timedelta) -> None:
    """Have the present keys of a kind sign for so long and no longer."""
    tx.run(_END, endpoint_id=endpoint_id, kind=kind, overlap=overlap)


def forget(tx: Transaction, endpoint_id: UUID) -> None:
    """Remove every key of an endpoint."""
    tx.run(_FORGET, endpoint_id=endpoint_id)


def published(tx: Transaction, endpoint_id: UUID) -> list[str]:
    """The `whpk_` of every key that signs `v1a` for an endpoint now, the newest first."""
    return [public for (public,) in tx.rows(_PUBLIC, endpoint_id=endpoint_id)]


def bound_to(endpoint_id: UUID) -> str:
    """The place a key is sealed for."""
    return f"webhook_endpoint:{endpoint_id}:secret"


def _check(kind: str, secret: str) -> None:
    if kind != "v1":
        raise refuse_field("/secret", "invalid", "Only for `v1`: a `v1a` key is made here and never leaves.")
    if not signature.is_secret(secret):
        wanted = f"{signature.SECRET} and base64 of {signature.LEAST_BYTES} to {signature.MOST_BYTES} bytes"
        raise refuse_field("/secret", "invalid", f"A secret is {wanted}; a public or private key is none.")
