"""Between the web server and the application: a request takes a thread only when its body has come whole.

A WSGI thread that waits for a slow body is a thread that serves nobody, so a dozen half-open sockets would close the
doors. Here bodies are awaited on the event loop, with a deadline and a cap, by as many sockets as there are.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from gateway.errors import BadRequest, Problem, RequestTimeout
from gateway.http import IS_CUT, SENDER, Stream
from gateway.json_body import write_json

BODY_SECONDS, UPLOAD_SECONDS = 20.0, 300.0
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Headers = list[tuple[str, str]]
_HAS_PLACE = "kopru.has_place"
_KEPT_IN_MEMORY = 1024 * 1024
_MOST_FILES_OF_ONE = 4  # on their way at once, each with its room on disk


class Front:
    """A WSGI application as an RSGI one, answering on `threads` threads.

    `room` answers for a request that may bring a larger body who says how large, or None; such a body waits on disk.
    """

    def __init__(
        self,
        app: Wsgi,
        threads: int,
        most_bytes: int,
        body_seconds: float = BODY_SECONDS,
        room: Callable[[dict[str, Any]], Callable[[], int | None] | None] = lambda _: None,
    ) -> None:
        self._app = app
        self._most_bytes = most_bytes
        self._body_seconds = body_seconds
        self._room = room
        self._threads = ThreadPoolExecutor(threads, "web")
        self._files: Counter[str] = Counter()  # on their way, by their senders

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        environ = environ_of(scope)
        try:
            await self._answer(environ, protocol)
        finally:
            if environ.get(_HAS_PLACE):
                self._files -= Counter([environ[SENDER]])

    async def _answer(self, environ: dict[str, Any], protocol: Any) -> None:
        try:
            environ["wsgi.input"] = await self._body(environ, protocol)
        except TimeoutError:
            _refuse(protocol, RequestTimeout())
            return
        except _Broken:
            _refuse(protocol, BadRequest("The connection ended before the body did; nothing was done."))
            return
        status, headers, content = await self._on_thread(self._call, environ)
        if isinstance(content, Stream):
            await self._send(protocol.response_stream(status, headers), content)
        else:
            protocol.response_bytes(status, headers, content)

    async def _on_thread(self, do: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, do, *args)

    async def _send(self, transport: Any, stream: Stream) -> None:
        """Part by part: a thread is taken while one is made, and none while it is on its way."""
        parts = iter(stream)
        while part := await self._on_thread(next, parts, b""):
            await transport.send_bytes(part)

    async def _body(self, environ: dict[str, Any], protocol: Any) -> IO[bytes]:
        """The body, a little over the cap at most, so that the application sees that it is too large."""
        body: IO[bytes] = BytesIO()
        declared = environ.get("CONTENT_LENGTH", "")
        if "HTTP_TRANSFER_ENCODING" not in environ and declared in ("", "0"):
            return body
        most, seconds = self._most_bytes, self._body_seconds
        if (room := await self._room_for(environ)) is not None:
            most, seconds, body = room, UPLOAD_SECONDS, SpooledTemporaryFile(_KEPT_IN_MEMORY)  # noqa: SIM115
        if declared.isdigit() and int(declared) > most:
            environ[IS_CUT] = True
            return body  # refused for what it declares
        async with asyncio.timeout(seconds):
            size = await _receive(protocol, body, most)
        if "HTTP_TRANSFER_ENCODING" not in environ and declared.isdigit() and size < int(declared):
            raise _Broken
        environ[IS_CUT] = size > most
        environ["CONTENT_LENGTH"] = str(size)
        body.seek(0)
        return body

    async def _room_for(self, environ: dict[str, Any]) -> int | None:
        """The bytes that a file may have, None where it is none or its sender has enough of them on their way."""
        ask = self._room(environ)
        room = None if ask is None else await self._on_thread(ask)
        if room is None or self._files[environ[SENDER]] >= _MOST_FILES_OF_ONE:
            return None
        self._files[environ[SENDER]] += 1
        environ[_HAS_PLACE] = True
        return int(room)

    def _call(self, environ: dict[str, Any]) -> tuple[int, Headers, bytes | Stream]:
        begun: list[tuple[int, Headers]] = []

        def start_response(status: str, headers: Headers, *_: object) -> None:
            begun.append((int(status[:3]), headers))

        parts = self._app(environ, start_response)
        if isinstance(parts, Stream):
            return *begun[-1], parts
        try:
            content = b"".join(parts)
        finally:
            close = getattr(parts, "close", None)
            if close is not None:
                close()
        status, headers = begun[-1]
        return status, headers, content


class _Broken(Exception):
    """The connection ended before the body did, and half a file looks like a whole one."""


async def _receive(protocol: Any, body: IO[bytes], most: int) -> int:
    """Write down what comes, a little over `most` at the most, and answer its bytes; raises _Broken."""
    size = ends = 0
    async for chunk in protocol:
        size += body.write(chunk)
        ends += not chunk
        if size > most:
            break
        if ends > 1:  # granian tells an end by an empty chunk, and an error by one more before it
            raise _Broken
    return size


def _refuse(protocol: Any, problem: Problem) -> None:
    headers = [("content-type", "application/problem+json"), ("connection", "close")]
    protocol.response_bytes(problem.status, headers, write_json(problem.as_json("")))


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
        if "_" in name:  # in CGI's spelling it would pass for the header with dashes, which a proxy may have set
            continue
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        if key in environ and key != "HTTP_HOST":
            value = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
        environ[key] = value
    return environ
