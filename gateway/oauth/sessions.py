"""Sign-in sessions of browsers: a random cookie, of which only a mark is stored, renewed at every sign-in."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from uuid import UUID

from flask import Request, Response
from sqlalchemy import text

from gateway.config import Settings
from gateway.db import Query, Transaction, new_id
from gateway.vault import fingerprint

_COOKIE = re.compile(r"[A-Za-z0-9_-]{43}")
_OPEN = Query(
    text(
        """
        INSERT INTO sign_in_sessions (id, mark, user_id, address, created_at, expires_at)
        VALUES (:id, :mark, :user_id, :address, now(), now() + make_interval(hours => :hours))
        """
    )
)
_FIND = Query(
    text(
        """
        SELECT s.user_id FROM sign_in_sessions s JOIN users u ON u.id = s.user_id
        WHERE s.mark = :mark AND s.expires_at > now()
          AND s.created_at >= coalesce(u.credentials_changed_at, '-infinity')
        """
    )
)
_CLOSE = Query(text("DELETE FROM sign_in_sessions WHERE mark = :mark"))


def cookie_name(settings: Settings) -> str:
    """Under https the browser itself guards a `__Host-` cookie against other hosts and plain http (RFC 6265bis)."""
    return "__Host-kopru" if settings.is_https else "kopru"


def read_cookie(request: Request, settings: Settings) -> str | None:
    """The browser's cookie, signed in or not, or None where it has none of ours."""
    cookie = request.cookies.get(cookie_name(settings), "")
    return cookie if _COOKIE.fullmatch(cookie) else None


def set_cookie(response: Response, cookie: str, settings: Settings) -> None:
    """Give the browser the cookie; scripts never see it, and other sites' forms do not carry it."""
    response.set_cookie(cookie_name(settings), cookie, httponly=True, secure=settings.is_https, samesite="Lax")


def new_cookie() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def open_session(tx: Transaction, user_id: UUID, address: str, hours: int, replaces: str | None) -> str:
    """Begin a session under a new cookie, which is answered; the browser's former session ends."""
    if replaces is not None:
        close_session(tx, replaces)
    cookie = new_cookie()
    tx.run(_OPEN, id=new_id(), mark=_mark(cookie), user_id=user_id, address=address, hours=hours)
    return cookie


def find_user_id(tx: Transaction, cookie: str | None) -> UUID | None:
    """Whose session this is, while it lasts."""
    row = tx.first(_FIND, mark=_mark(cookie)) if cookie else None
    return row[0] if row else None


def close_session(tx: Transaction, cookie: str) -> None:
    """End the session; the cookie is worth nothing afterwards."""
    tx.run(_CLOSE, mark=_mark(cookie))


def form_token(cookie: str, settings: Settings) -> str:
    """What a form of this browser has to carry, so that no other site can send it (CSRF)."""
    return hmac.new(settings.secret_key.encode(), f"form|{cookie}".encode(), hashlib.sha256).hexdigest()


def is_own_form(sent: str, cookie: str | None, settings: Settings) -> bool:
    """Whether the form came from a page given to this very browser."""
    return cookie is not None and hmac.compare_digest(sent.encode(), form_token(cookie, settings).encode())


def _mark(cookie: str) -> str:
    return fingerprint(cookie, "session")
