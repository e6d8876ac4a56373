"""OAuth 2 client credentials (RFC 6749 section 4.4) at an endpoint: one token serves its messages until it ends."""

from __future__ import annotations

import base64
import threading
import time
from typing import Any
from urllib.parse import quote_plus, urlencode

import orjson

from gateway.guarded import AddressRefused, Deadline
from gateway.guarded_sender import Answer, Sender, SendFailed

_ASSUMED_SECONDS = 300.0  # where nobody says how long a token lives
_LONGEST_SECONDS = 24 * 3600.0
_LEEWAY_SECONDS = 30.0
_ASK_SECONDS = 10.0
_REST_SECONDS = 2.0  # after a failure the others in line fail at once, instead of asking in their turn
_LONGEST_TOKEN = 8000


class AuthFailed(SendFailed):
    """No token was to be had, so nothing was sent."""

    def __init__(self) -> None:
        super().__init__("auth_failed")


class TokenSource:
    """The token of one endpoint, asked for by one thread while the others wait."""

    def __init__(self, settings: dict[str, str]) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._token = ""
        self._until = self._rest_until = 0.0

    def get(self, sender: Sender, deadline: Deadline) -> str:
        """A token that is good for a while; raises AuthFailed or TimeoutError."""
        if not self._lock.acquire(timeout=deadline.left()):
            raise AuthFailed
        try:
            if self._until <= time.monotonic():
                self._renew(sender, deadline)
            return self._token
        finally:
            self._lock.release()

    def forget(self, refused: str) -> None:
        """Have the next one asked for, unless another thread has done so since."""
        with self._lock:
            if self._token == refused:
                self._until = 0.0

    def _renew(self, sender: Sender, deadline: Deadline) -> None:
        if time.monotonic() < self._rest_until:
            raise AuthFailed
        try:
            self._token, self._until = self._ask(sender, min(_ASK_SECONDS, deadline.left()))
        except AuthFailed:
            self._rest_until = time.monotonic() + _REST_SECONDS
            raise

    def _ask(self, sender: Sender, seconds: float) -> tuple[str, float]:
        form = {"grant_type": "client_credentials"}
        form |= {name: self._settings[name] for name in ("scope", "audience") if name in self._settings}
        headers = {
            "authorization": _basic(self._settings["client_id"], self._settings["client_secret"]),
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
        }
        asked_at = time.monotonic()
        try:
            answer = sender.post(self._settings["token_url"], urlencode(form).encode(), headers, seconds)
        except (AddressRefused, SendFailed):
            raise AuthFailed from None
        token, life = _read(answer)
        return token, asked_at + life


def _read(answer: Answer) -> tuple[str, float]:
    """The token and the seconds to use it (RFC 6749 section 5.1); raises AuthFailed."""
    try:
        told = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        raise AuthFailed from None
    token = told.get("access_token") if isinstance(told, dict) and answer.status == 200 else None
    if not isinstance(token, str) or not _is_bearer(token, told.get("token_type")):
        raise AuthFailed
    return token, _life(told.get("expires_in"))


def _is_bearer(token: str, kind: Any) -> bool:
    is_sendable = token.isascii() and token.isprintable() and " " not in token
    return is_sendable and 0 < len(token) <= _LONGEST_TOKEN and str(kind or "bearer").lower() == "bearer"


def _life(told: Any) -> float:
    """Seconds to use a token; the leeway never eats more than half of them, so that short ones serve too."""
    try:
        seconds = min(max(0.0, float(told)), _LONGEST_SECONDS)  # in this order nan is none
    except (TypeError, ValueError, OverflowError):
        seconds = _ASSUMED_SECONDS
    return max(seconds - _LEEWAY_SECONDS, seconds / 2)


def _basic(client_id: str, secret: str) -> str:
    # RFC 6749 section 2.3.1: both are form-encoded before they are joined.
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"
