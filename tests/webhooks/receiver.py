"""A receiver on loopback: real HTTP, keeps every message, answers as a test wants."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

Answering = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Message:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    def opened_with(self, secret: str) -> Any:
        """The body, once an independent verifier has accepted it."""
        return Webhook(secret).verify(self.body, self.headers)

    @property
    def event_type(self) -> str:
        return str(json.loads(self.body)["type"])

    @property
    def data(self) -> Any:
        return json.loads(self.body)["data"]


def answer(status: int, headers: dict[str, str] | None = None, body: bytes = b"", after: float = 0.0) -> Answering:
    """Answer every message alike, `after` so many seconds."""

    def write(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(after)
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return write


def drip(seconds: float) -> Answering:
    """Answer 200 at once, then one byte of the body every 50 ms, for so long."""

    def write(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            handler.wfile.write(b".")
            time.sleep(0.05)

    return write


def hang(until: threading.Event) -> Answering:
    """Answer nothing, and hang up then."""

    def write(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = until.wait(60)

    return write


class Receiver:
    """Where messages arrive. `answering` may be changed at any time."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.answering: Answering = answer(204)
        self.connections = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                receiver.connections += 1
                super().setup()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.messages.append(Message(self.path, headers, body, time.monotonic()))
                try:
                    receiver.answering(self)
                except OSError:
                    self.close_connection = True  # the sender has hung up, as some tests want

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/kopru"

    def serve(self) -> None:
        self._server.serve_forever(poll_interval=0.02)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver for the length of the block."""
    receiver = Receiver()
    thread = threading.Thread(target=receiver.serve, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.stop()
        thread.join()
