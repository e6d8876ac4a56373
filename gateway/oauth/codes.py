"""Authorization codes: 60 seconds at most, for one client and one redirect URI, and used once."""

from __future__ import annotations

import secrets
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction, new_id
from gateway.vault import fingerprint

LIFE_SECONDS = 60
_STORE = Query(
    text(
        """
        INSERT INTO authorization_codes
            (mark, client_id, user_id, redirect_uri, scope, code_challenge, family_id, expires_at)
        VALUES (:mark, :client_id, :user_id, :redirect_uri, :scope, :code_challenge, :family_id,
                now() + make_interval(secs => :seconds))
        """
    )
)
_FIND = Query(
    text(
        """
        SELECT mark, user_id, redirect_uri, scope, code_challenge, family_id FROM authorization_codes
        WHERE mark = :mark AND client_id = :client_id
        """
    )
)
_CLAIM = Query(
    text(
        """
        UPDATE authorization_codes SET used_at = now()
        WHERE mark = :mark AND used_at IS NULL AND expires_at > clock_timestamp()
        """
    )
)
_WAS_USED = Query(text("SELECT used_at IS NOT NULL FROM authorization_codes WHERE mark = :mark"))


class Code(NamedTuple):
    """A code that was given out; whether it can still be used shows when it is claimed."""

    mark: str
    user_id: UUID
    redirect_uri: str
    scope: str
    code_challenge: str
    family_id: UUID

    def get_redirect_uri(self) -> str:
        """Authlib's name for the redirect URI."""
        return self.redirect_uri


def give(tx: Transaction, client_id: str, user_id: UUID, redirect_uri: str, scope: str, code_challenge: str) -> str:
    """Store a new code and answer it."""
    code = secrets.token_urlsafe(32)
    tx.run(
        _STORE,
        mark=fingerprint(code, "code"),
        client_id=client_id,
        user_id=user_id,
        redirect_uri=redirect_uri,
        scope=scope,
        code_challenge=code_challenge,
        family_id=new_id(),
        seconds=LIFE_SECONDS,
    )
    return code


def find(tx: Transaction, code: str, client_id: str) -> Code | None:
    """The client's code, or None."""
    row = tx.first(_FIND, mark=fingerprint(code, "code"), client_id=client_id)
    return Code(*row) if row else None


def claim(tx: Transaction, code: Code) -> bool:
    """Use the code; of racing callers exactly one gets True, since the others wait for its transaction."""
    return tx.run(_CLAIM, mark=code.mark) == 1


def was_used(tx: Transaction, code: Code) -> bool:
    """Whether the code could not be claimed because somebody had used it, rather than for its age."""
    row = tx.first(_WAS_USED, mark=code.mark)
    return row is not None and bool(row[0])
