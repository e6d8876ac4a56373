"""A total deadline for one HTTP exchange: a partner that trickles bytes cannot hold a worker.

requests and urllib3 limit only the wait for the next byte. Here every read of the socket, headers included, gets what
is left of the whole exchange, and each second somebody is asked whether to go on waiting.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

_LOOK_SECONDS = 1.0
_current = threading.local()


class Deadline:
    """Limits what happens inside its `with` blocks, in this thread, to `seconds` in all; in between it stands still.

    `wait` is called about every second of it, and may raise to end the waiting; `send` is called whenever bytes are
    about to leave, and may raise to keep them here.
    """

    def __init__(
        self, seconds: float, *, wait: Callable[[], None] | None = None, send: Callable[[], None] | None = None
    ) -> None:
        self.seconds = seconds
        self.at = time.monotonic() + seconds
        self._wait, self._send = wait, send
        self._look_at = self.at

    def __enter__(self) -> Deadline:
        self.at = time.monotonic() + self.seconds
        self._look_at = time.monotonic() + _LOOK_SECONDS
        _current.deadline = self
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = self.at - time.monotonic()
        _current.deadline = None

    def left(self) -> float:
        """Seconds left; TimeoutError when there are none."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the total deadline passed")
        return left

    def look(self) -> None:
        """Ask whether to go on waiting, where that was not asked within the last second."""
        if self._wait is not None and time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + _LOOK_SECONDS
            self._wait()

    def send(self) -> None:
        """Ask whether bytes may leave."""
        if self._send is not None:
            self._send()


def _in_force() -> Deadline | None:
    return getattr(_current, "deadline", None)


class _Reader(io.RawIOBase):
    """A socket as a file whose every read is bounded by the deadline in force."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        deadline = _in_force()
        if deadline is None:
            return self._raw.readinto(buffer)
        patience, left = self._sock.gettimeout(), deadline.left()
        try:
            return self._receive(buffer, left if patience is None else min(patience, left), deadline)
        finally:
            self._sock.settimeout(patience)

    def _receive(self, buffer: Any, seconds: float, deadline: Deadline) -> int:
        """The next bytes. By the socket at once, for as a file it reads no more after its first timeout."""
        until = time.monotonic() + seconds
        while True:
            deadline.look()
            left = max(until - time.monotonic(), 0.001)
            self._sock.settimeout(min(left, _LOOK_SECONDS))
            try:
                return self._sock.recv_into(buffer)
            except TimeoutError:
                if left <= _LOOK_SECONDS:
                    raise

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp.close()
        self.fp = io.BufferedReader(_Reader(sock), 65536)


class _Asking:
    """Asks as late as can be: a process may stand still while it connects and shakes hands, and wake up too late."""

    sock: socket.socket | None

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]  # the connection's own
        deadline = _in_force()
        if deadline is not None:
            deadline.send()
        super().send(data)  # type: ignore[misc]  # the connection's own


class _Connection(_Asking, HTTPConnection):
    response_class = _Response


class _SecureConnection(_Asking, HTTPSConnection):
    response_class = _Response


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class DeadlineAdapter(HTTPAdapter):
    """The transport that makes `Deadline` hold."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Use connections that read through the deadline."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """Let `verify` be an SSLContext, which then decides alone whom to trust and what to present."""
        host, tls = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {**tls, "ssl_context": verify} if isinstance(verify, ssl.SSLContext) else tls

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Add no certificate store to a context of our own."""
        if not isinstance(verify, ssl.SSLContext):
            super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]
