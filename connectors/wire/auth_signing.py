"""Requests signed with a shared secret: an HMAC over named parts of the request, joined by line feeds.

| part | what it is |
|---|---|
| `method` | in capital letters |
| `path` | as sent, percent-encoded |
| `query` | as sent, without the question mark, empty when there is none |
| `host` | with the port where it is not the usual one |
| `date` | the value of the date header |
| `key_id` | from the settings |
| `body_digest` | the digest of the body, written like the signature |
| `body` | the body as text |
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from connectors.wire.auth import Auth, Proof

PARTS = ("method", "path", "query", "host", "date", "key_id", "body_digest", "body")
ALGORITHMS = ("sha256", "sha384", "sha512")
DATES: dict[str, Callable[[dt.datetime], str]] = {
    "http": lambda now: format_datetime(now, usegmt=True),
    "iso": lambda now: now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    "epoch_seconds": lambda now: str(int(now.timestamp())),
    "epoch_milliseconds": lambda now: str(int(now.timestamp() * 1000)),
}
ENCODINGS: dict[str, Callable[[bytes], str]] = {
    "hex": bytes.hex,
    "base64": lambda digest: base64.b64encode(digest).decode(),
}


class Signing(Auth):
    """Signs each request as it goes out, so that a redirect or a second attempt gets its own signature."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def proof(self) -> Proof:
        """The signature, made when the whole request is known."""
        return self._sign

    def secrets(self) -> Iterable[str]:
        """The key."""
        return [self._settings["secret"]]

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        settings = self._settings
        date = DATES[settings["date_as"]](dt.datetime.now(dt.UTC))
        parts = self._parts(request, date)
        text = "\n".join(parts[name] for name in settings["signed"])
        digest = hmac.new(settings["secret"].encode(), text.encode(), settings["algorithm"]).digest()
        signature = settings["prefix"] + ENCODINGS[settings["encoding"]](digest)
        headers = {"date": date, "key": settings["key_id"], "digest": parts["body_digest"], "signature": signature}
        request.headers.update(
            {settings[f"{name}_header"]: value for name, value in headers.items() if settings[f"{name}_header"]}
        )
        return request

    def _parts(self, request: requests.PreparedRequest, date: str) -> dict[str, str]:
        url = urlsplit(request.url or "")
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else bytes(body)
        digest = hashlib.new(self._settings["algorithm"], content).digest()
        return {
            "method": request.method or "",
            "path": url.path,
            "query": url.query,
            "host": url.netloc,
            "date": date,
            "key_id": self._settings["key_id"] or "",
            "body_digest": ENCODINGS[self._settings["encoding"]](digest),
            "body": content.decode("utf-8", "replace"),
        }
