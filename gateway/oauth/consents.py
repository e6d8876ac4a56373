"""What people allowed clients to do, so that they are asked once."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text

from gateway import audit
from gateway.db import Query, Transaction

_FIND = Query(text("SELECT scopes FROM consents WHERE user_id = :user_id AND client_id = :client_id"))
_REMEMBER = Query(
    text(
        """
        INSERT INTO consents (user_id, client_id, scopes, updated_at) VALUES (:user_id, :client_id, :scopes, now())
        ON CONFLICT (user_id, client_id) DO UPDATE SET updated_at = now(), scopes =
            (SELECT array_agg(DISTINCT s ORDER BY s) FROM unnest(consents.scopes || excluded.scopes) AS s)
        """
    )
)


def has_allowed(tx: Transaction, user_id: UUID, client_id: str, scopes: Iterable[str]) -> bool:
    """Whether the person allowed this client all of these scopes before."""
    row = tx.first(_FIND, user_id=user_id, client_id=client_id)
    return row is not None and set(scopes) <= set(row[0])


def remember(tx: Transaction, user_id: UUID, client_id: str, scopes: Iterable[str]) -> None:
    """Add these scopes to what the person allowed the client."""
    granted = sorted(scopes)
    tx.run(_REMEMBER, user_id=user_id, client_id=client_id, scopes=granted)
    audit.record(tx, "consent.given", "user", user_id, {"client": client_id, "scopes": granted})
