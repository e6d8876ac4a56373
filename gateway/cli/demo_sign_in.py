"""Signing in as an app on a desktop does: the browser comes back to a loopback address (RFC 8252, PKCE RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from gateway.errors import BadRequest, Unavailable

_THANKS = "Köprü: you are signed in. You may close this page."


class _Callback(HTTPServer):
    answer: dict[str, str] | None = None


class _Handler(BaseHTTPRequestHandler):
    server: _Callback

    def do_GET(self) -> None:
        """Take the answer that the browser brings, once."""
        parts = urlsplit(self.path)
        if parts.path != "/callback":
            self.send_error(404)
            return
        self.server.answer = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(_THANKS.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
        """The address holds the code: it belongs in no log."""


def sign_in(issuer: str, client: dict[str, Any], show: Callable[[str], None]) -> str:
    """Show the address to open, wait for the browser, answer the access token; raises BadRequest, Unavailable."""
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    redirect_uri = client["redirect_uris"][0]
    with _listening(urlsplit(redirect_uri).port or 80) as callback:
        show(f"{issuer}/oauth/authorize?{urlencode(_request(client, redirect_uri, verifier, state))}")
        while callback.answer is None:
            callback.handle_request()
        answer = callback.answer
    if answer.get("state") != state or answer.get("iss") != issuer:
        raise BadRequest("The answer is not to our question.")
    if "code" not in answer:
        raise BadRequest(f"Refused: {answer.get('error')}")
    return _redeem(issuer, client, redirect_uri, verifier, answer["code"])


def _listening(port: int) -> _Callback:
    try:
        return _Callback(("127.0.0.1", port), _Handler)
    except OSError as error:
        raise Unavailable(f"Port {port}, to which the browser comes back, cannot be used: {error.strerror}.") from None


def _request(client: dict[str, Any], redirect_uri: str, verifier: str, state: str) -> dict[str, str]:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return {
        "response_type": "code",
        "client_id": client["client_id"],
        "redirect_uri": redirect_uri,
        "scope": " ".join(client["scopes"]),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }


def _redeem(issuer: str, client: dict[str, Any], redirect_uri: str, verifier: str, code: str) -> str:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
    headers = {}
    if secret := client.get("client_secret"):
        pair = base64.b64encode(f"{client['client_id']}:{secret}".encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    else:
        form["client_id"] = client["client_id"]
    asked = urllib.request.Request(f"{issuer}/oauth/token", urlencode(form).encode(), headers)  # noqa: S310
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310  # the demo's own address
            token: str = json.load(answer)["access_token"]
    except urllib.error.URLError as error:
        raise Unavailable(f"{issuer} gave no token ({error}); does kopru up still run?") from None
    return token
