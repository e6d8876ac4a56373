"""Refresh tokens rotate at each use; a family dies when one of its tokens is used twice (RFC 9700 section 4.14.2).

An answer can be lost on the way, so for 10 s the same token gets the same successor again. Later, or once the
successor was used, a second use means that somebody has a copy, and every token of the family ends.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from gateway import audit, vault
from gateway.db import Query, Transaction, new_id
from gateway.oauth.revocations import revoke_family
from gateway.vault import fingerprint

GRACE_SECONDS = 10
_START = Query(
    text(
        """
        INSERT INTO refresh_families (id, client_id, user_id, scope, created_at, expires_at)
        VALUES (:family_id, :client_id, :user_id, :scope, now(), now() + make_interval(days => :days))
        """
    )
)
_ADD = Query(
    text("INSERT INTO refresh_tokens (id, family_id, mark, created_at) VALUES (:id, :family_id, :mark, now())")
)
_FIND = Query(
    text(
        """
        SELECT t.id, t.family_id, f.client_id, f.user_id, f.scope, f.expires_at
        FROM refresh_tokens t JOIN refresh_families f ON f.id = t.family_id JOIN users u ON u.id = f.user_id
        WHERE t.mark = :mark AND f.revoked_at IS NULL AND f.expires_at > now()
          AND f.created_at >= coalesce(u.credentials_changed_at, '-infinity')
        """
    )
)
_CLAIM = Query(
    text(
        """
        UPDATE refresh_tokens SET used_at = clock_timestamp(), successor_id = :successor_id,
                                  successor_sealed = :sealed
        WHERE id = :id AND used_at IS NULL
        """
    )
)
_SUCCESSOR = Query(
    text(
        """
        SELECT t.successor_sealed FROM refresh_tokens t JOIN refresh_tokens s ON s.id = t.successor_id
        WHERE t.id = :id AND s.used_at IS NULL
          AND t.used_at > clock_timestamp() - make_interval(secs => :grace)
        """
    )
)
_FORGET = Query(
    text(
        """
        UPDATE refresh_tokens SET successor_sealed = NULL
        WHERE successor_sealed IS NOT NULL AND used_at < now() - make_interval(secs => :grace)
        """
    )
)


class RefreshTicket(NamedTuple):
    """A refresh token of a living family; whether it was used shows when it is exchanged."""

    id: UUID
    family_id: UUID
    client_id: str
    user_id: UUID
    scope: str
    expires_at: datetime

    def check_client(self, client: object) -> bool:
        """Whether it was given to this client (Authlib asks)."""
        return getattr(client, "client_id", None) == self.client_id

    def get_scope(self) -> str:
        """The scope the person agreed to (Authlib asks)."""
        return self.scope


def start(tx: Transaction, family_id: UUID, client_id: str, user_id: UUID, scope: str, days: int) -> str:
    """Begin a family that ends after so many days at the latest; answers its first refresh token."""
    tx.run(_START, family_id=family_id, client_id=client_id, user_id=user_id, scope=scope, days=days)
    return _add(tx, new_id(), family_id)


def find(tx: Transaction, token: str) -> RefreshTicket | None:
    """The refresh token, or None where it is unknown or its family has ended."""
    row = tx.first(_FIND, mark=fingerprint(token, "refresh-token"))
    return RefreshTicket(*row) if row else None


def exchange(tx: Transaction, ticket: RefreshTicket) -> str | None:
    """The successor of a refresh token, the same one for all who race or retry; None when its family had to end."""
    successor_id, successor = new_id(), _new_token()
    sealed = vault.seal(successor, f"refresh_token:{ticket.id}")
    if tx.run(_CLAIM, id=ticket.id, successor_id=successor_id, sealed=sealed):
        return _add(tx, successor_id, ticket.family_id, successor)
    row = tx.first(_SUCCESSOR, id=ticket.id, grace=GRACE_SECONDS)
    if row is not None and row[0] is not None:
        return vault.unseal(row[0], f"refresh_token:{ticket.id}")
    revoke_family(tx, ticket.family_id, "refresh token used twice")
    audit.record(tx, "refresh_family.reuse_detected", "client", ticket.client_id, {"user": str(ticket.user_id)})
    return None


def forget_successors(tx: Transaction) -> None:
    """Erase the sealed successors nobody may ask for any more."""
    tx.run(_FORGET, grace=GRACE_SECONDS)


def _add(tx: Transaction, token_id: UUID, family_id: UUID, token: str | None = None) -> str:
    token = token or _new_token()
    tx.run(_ADD, id=token_id, family_id=family_id, mark=fingerprint(token, "refresh-token"))
    return token


def _new_token() -> str:
    return f"kr_{secrets.token_urlsafe(32)}"
