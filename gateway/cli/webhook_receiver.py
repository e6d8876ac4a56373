"""A receiver on this machine: verifies every message as any receiver should, and answers it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from typing import Any

from connectors.base import NotAuthentic, Request
from connectors.wire.inbound import verify
from gateway.db import now

HERE = "/here"  # below a receiver's address: whether it is there
_MOST_BYTES = 1024 * 1024
_SILENCE_SECONDS = 30
_HOW: dict[str, Any] = {"kind": "standard_webhooks", "tolerance_seconds": 300}

Answer = Callable[[Mapping[str, str], bytes], int]


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as it came: `refusal` says why it is not to be believed, `answered` is our HTTP status."""

    at: datetime
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    refusal: str | None
    answered: int


class Receiver(ThreadingHTTPServer):
    """Listens on loopback at an address nobody guesses; `keys` verify, `answer` says what a good message gets."""

    daemon_threads = True

    def __init__(self, answer: Answer, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.path = f"/{secrets.token_urlsafe(16)}"
        self.url = f"http://127.0.0.1:{self.server_address[1]}{self.path}"
        self.keys: list[str] = []
        self.heard: SimpleQueue[Heard] = SimpleQueue()
        self._answer = answer

    def take(self, headers: Mapping[str, str], body: bytes) -> int:
        """Judge a message; answers the HTTP status for it."""
        refusal = self._refusal(headers, body)
        answered = 401 if refusal else self._answer(headers, body)
        self.heard.put(Heard(now(), headers, body, refusal, answered))
        return answered

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that broke."""

    def _refusal(self, headers: Mapping[str, str], body: bytes) -> str | None:
        try:
            verify(Request(headers, body), {**_HOW, "secrets": self.keys})
        except NotAuthentic as refused:
            return str(refused)
        return None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _SILENCE_SECONDS
    server: Receiver

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not (length.isdecimal() and int(length) <= _MOST_BYTES):
            self._end(411 if not length else 413)
            return
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True  # it hung up half-way
        elif self.path == self.server.path + HERE:
            self._end(204)
        elif self.path == self.server.path:
            self._end(self.server.take({name.lower(): value for name, value in self.headers.items()}, body))
        else:
            self._end(404)

    def log_message(self, *_: Any) -> None:
        pass

    def _end(self, status: int) -> None:
        self.send_response(status)
        if status >= 400:
            self.send_header("Connection", "close")
        if status != 204:
            self.send_header("Content-Length", "0")
        self.end_headers()
