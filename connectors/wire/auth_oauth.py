"""OAuth 2 client credentials (RFC 6749 section 4.4) towards a partner.

One access token serves every request of a connector, and threads that miss it together ask for it once. Two worker
processes each ask for their own, which this grant allows. A refresh token is not used: a partner that rotates it would
have to find the new one stored before the old one dies, and a connector keeps no state.
"""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode

import requests

from connectors.errors import ConnectorError, CredentialsRefused
from connectors.wire.answer import Answer
from connectors.wire.auth import Auth, Proof

Ask = Callable[[bytes, Mapping[str, str]], Answer]
_ASSUMED_SECONDS = 300.0  # where the partner does not say how long a token lives
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, eq=False, slots=True)
class Token:
    """An access token as the proof on a request; `until` is on the monotonic clock."""

    value: str = field(repr=False)
    until: float

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.value}"
        return request


class ClientCredentials(Auth):
    """Fetches a token when there is none, when it nears its end, and once after a 401.

    `ask` posts a form with headers to the token endpoint and answers whatever its status.
    """

    def __init__(self, settings: Mapping[str, Any], ask: Ask) -> None:
        self._settings = settings
        self._ask = ask
        self._lock = threading.Lock()
        self._token: Token | None = None

    def proof(self) -> Proof:
        """The token that will still be good for a while; raises CredentialsRefused when we get none."""
        with self._lock:
            if self._token is None or self._token.until <= time.monotonic():
                self._token = self._fetch()
            return self._token

    def renewed(self, refused: Proof) -> bool:
        """Forget the refused token, unless another thread has done so already."""
        with self._lock:
            if self._token is refused:
                self._token = None
            return True

    def secrets(self) -> Iterable[str]:
        """The token in use."""
        token = self._token
        return [token.value] if token else []

    def _fetch(self) -> Token:
        form = {"grant_type": "client_credentials"}
        form |= {name: self._settings[name] for name in ("scope", "audience") if self._settings[name]}
        headers = {"Content-Type": _FORM}
        client = self._settings["client_id"], self._settings["client_secret"]
        if self._settings["client_auth"] == "post":
            form |= dict(zip(("client_id", "client_secret"), client, strict=True))
        else:
            headers["Authorization"] = _basic(*client)
        return self._read(self._ask(urlencode(form).encode(), headers))

    def _read(self, answer: Answer) -> Token:
        if answer.status in (400, 401, 403):
            raise CredentialsRefused(f"The token endpoint {answer.path} answered {answer.status}: {answer.excerpt}")
        told = answer.json()
        value = told.get("access_token") if isinstance(told, dict) else None
        if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not value:
            raise ConnectorError(f"The token endpoint {answer.path} answered without an access token.")
        return Token(value, time.monotonic() + _life(told.get("expires_in"), self._settings["leeway_seconds"]))


def _life(told: Any, leeway: float) -> float:
    """Seconds to use the token; the leeway never eats more than half of it, so that short tokens serve too."""
    try:
        seconds = float(told)
    except (TypeError, ValueError):
        seconds = _ASSUMED_SECONDS
    return max(seconds - leeway, seconds / 2)


def _basic(client_id: str, secret: str) -> str:
    # RFC 6749 section 2.3.1: both are form-encoded before they are joined.
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"
