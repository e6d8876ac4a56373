"""The sockets of a dealer's system: HTTP/1.1 with kept connections and a thread for each, by the standard library."""

import sys
import time
import traceback
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from demo.endpoints import Endpoints, Refused, Request, Response
from demo.life import Mood, Moods

_MOST_BYTES = 1024 * 1024
_BUSY = Response(503, '{"error":"The system is busy, please come back."}', {"Retry-After": "1"})


class DealerServer(ThreadingHTTPServer):
    """One dealer's system on a loopback port; port 0 takes a free one."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, endpoints: Endpoints, moods: Moods | None) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.endpoints = endpoints
        self.moods = moods

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def mood_for(self, target: str) -> Mood:
        """How a request is treated; health is always told, and the staff's own switch always works."""
        if self.moods is None or target.startswith(("/health", "/outage")):
            return Mood()
        return self.moods.next_mood()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up or falls silent is its own affair; anything else is a fault of ours and is shown."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: DealerServer
    protocol_version = "HTTP/1.1"
    server_version = "dealer"
    sys_version = ""
    timeout = 60
    wbufsize = 64 * 1024  # head and body leave in one piece: two would meet Nagle's algorithm and cost 40 ms
    disable_nagle_algorithm = True

    def _answer(self) -> None:
        mood = self.server.mood_for(self.path)
        try:
            request = Request(self.command, self.path, self.headers, self._read_body())
        except Refused as refused:
            self.close_connection = True
            self._send(refused.response)
            return
        time.sleep(mood.wait_seconds)
        if mood.drops_before:
            self.close_connection = True
            return
        response = _BUSY if mood.is_busy else self._respond(request)
        if mood.drops_after:
            self.close_connection = True
            return
        self._send(response)

    def _respond(self, request: Request) -> Response:
        try:
            return self.server.endpoints.answer(request)
        except Exception:
            traceback.print_exc()
            return Refused(500, "The system failed; the fault is written in its own log.").response

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = do_HEAD = do_OPTIONS = _answer  # noqa: N815  (the base class's names)

    def _read_body(self) -> bytes:
        length = _length_of(self.headers)
        body = self.rfile.read(length)
        if len(body) < length:
            raise Refused(400, "The body is shorter than announced.")
        return body

    def _send(self, response: Response) -> None:
        body = response.body.encode()
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if body:
            self.send_header("Content-Type", "application/json")
        if response.status != 204:
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def handle_expect_100(self) -> bool:
        """Send the go-ahead at once, for our writes are buffered."""
        answer = super().handle_expect_100()
        self.wfile.flush()
        return answer

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the base class refuses by itself, in the same small JSON."""
        self.close_connection = True
        self._send(Refused(int(code), message or "The request cannot be read.").response)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class's name)
        """A line for every request would drown the ones that matter."""


def _length_of(headers: Message) -> int:
    if "Transfer-Encoding" in headers:
        raise Refused(411, "Send the body with a Content-Length.")
    length = headers.get("Content-Length", "0")
    if not (length.isascii() and length.isdigit()):
        raise Refused(400, "The Content-Length is not a number.")
    if len(length) > 10 or int(length) > _MOST_BYTES:
        raise Refused(413, "The body is larger than 1 MiB.")
    return int(length)
