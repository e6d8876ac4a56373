"""The list of tokens and families that must be refused although their signature is good."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction
from gateway.oauth import standing
from gateway.oauth.keys import LONGEST_TOKEN_SECONDS

_REMEMBERED = timedelta(seconds=LONGEST_TOKEN_SECONDS + 60)
_REVOKE = Query(
    text(
        """
        INSERT INTO revocations (subject, reason, revoked_at, expires_at)
        VALUES (:subject, :reason, now(), now() + CAST(:remembered AS interval))
        ON CONFLICT (subject) DO NOTHING
        """
    )
)
_END_FAMILY = Query(text("UPDATE refresh_families SET revoked_at = now() WHERE id = :family_id AND revoked_at IS NULL"))


def revoke_token(tx: Transaction, jti: str, reason: str) -> None:
    """Refuse one access token from now on."""
    _revoke(tx, f"jti:{jti}", reason)


def revoke_family(tx: Transaction, family_id: UUID, reason: str) -> None:
    """Refuse everything that descends from one authorization: its refresh tokens and its access tokens."""
    tx.run(_END_FAMILY, family_id=family_id)
    _revoke(tx, f"family:{family_id}", reason)


def _revoke(tx: Transaction, subject: str, reason: str) -> None:
    tx.run(_REVOKE, subject=subject, reason=reason, remembered=_REMEMBERED)
    tx.after_commit(standing.expire)
