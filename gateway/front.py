"""Between the web server and the application: a request takes a thread only when its body has come whole.

A WSGI thread that waits for a slow body is a thread that serves nobody, so a dozen half-open sockets would close the
doors. Here bodies are awaited on the event loop, with a deadline and a cap, by as many sockets as there are.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

from gateway.errors import RequestTimeout
from gateway.json_body import write_json

BODY_SECONDS = 20.0
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Headers = list[tuple[str, str]]


class Front:
    """A WSGI application as an RSGI one, answering on `threads` threads."""

    def __init__(self, app: Wsgi, threads: int, most_bytes: int, body_seconds: float = BODY_SECONDS) -> None:
        self._app = app
        self._most_bytes = most_bytes
        self._body_seconds = body_seconds
        self._threads = ThreadPoolExecutor(threads, "web")

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        environ = environ_of(scope)
        try:
            body = await self._body(environ, protocol)
        except TimeoutError:
            refused = RequestTimeout()
            headers = [("content-type", "application/problem+json"), ("connection", "close")]
            protocol.response_bytes(refused.status, headers, write_json(refused.as_json("")))
            return
        environ["wsgi.input"] = BytesIO(body)
        status, headers, content = await asyncio.get_running_loop().run_in_executor(self._threads, self._call, environ)
        protocol.response_bytes(status, headers, content)

    async def _body(self, environ: dict[str, Any], protocol: Any) -> bytes:
        """The body, at most one byte over the cap, so that the application sees that it is too large."""
        declared = environ.get("CONTENT_LENGTH", "")
        if "HTTP_TRANSFER_ENCODING" not in environ and declared in ("", "0"):
            return b""
        if declared.isdigit() and int(declared) > self._most_bytes:
            return b""  # refused for what it declares
        body = bytearray()
        async with asyncio.timeout(self._body_seconds):
            async for chunk in protocol:
                body += chunk
                if len(body) > self._most_bytes:
                    break
        environ["CONTENT_LENGTH"] = str(len(body))
        return bytes(body)

    def _call(self, environ: dict[str, Any]) -> tuple[int, Headers, bytes]:
        begun: list[tuple[int, Headers]] = []

        def start_response(status: str, headers: Headers, *_: object) -> None:
            begun.append((int(status[:3]), headers))

        parts = self._app(environ, start_response)
        try:
            content = b"".join(parts)
        finally:
            close = getattr(parts, "close", None)
            if close is not None:
                close()
        status, headers = begun[-1]
        return status, headers, content


def environ_of(scope: Any) -> dict[str, Any]:
    """The request as PEP 3333 wants it, its body apart."""
    host, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),  # it comes percent-decoded
        "QUERY_STRING": scope.query_string,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    if scope.authority:
        environ["HTTP_HOST"] = scope.authority
    for name, value in scope.headers.items():
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        if key in environ and key != "HTTP_HOST":
            value = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
        environ[key] = value
    return environ
