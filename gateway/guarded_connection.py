"""One HTTP/1.1 connection to a judged address, in which no step outlasts the deadline of the whole exchange."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, field
from functools import lru_cache

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.util.wait import wait_for_read

from connectors.wire.tls import present
from gateway.guarded import Deadline, Guard, Target

_AT_ONCE = 65_536


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """What we show a server that asks who we are, in PEM; no two owners ever share a connection."""

    owner: str
    certificate: str = field(repr=False)
    key: str = field(repr=False)

    def is_usable(self) -> bool:
        """Whether certificate and key are PEM, belong together and need no password."""
        try:
            present(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), self.certificate, self.key)
        except (ssl.SSLError, ValueError):
            return False
        return True


def new_trust() -> ssl.SSLContext:
    """Certificates of the system and of the bundle that comes with requests; TLS 1.2 or newer."""
    context = ssl.create_default_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    return context


@lru_cache(maxsize=1)
def trust() -> ssl.SSLContext:
    """The one context of all who show no certificate."""
    return new_trust()


@lru_cache(maxsize=128)  # a context holds a megabyte
def trust_showing(certificate: ClientCertificate) -> ssl.SSLContext:
    """A context of its own, so that no TLS session of another owner is taken up; raises SSLError or ValueError."""
    context = new_trust()
    present(context, certificate.certificate, certificate.key)
    return context


class GuardedConnection:
    """A connection that goes through the guard and keeps the name in SNI and certificate check."""

    def __init__(self, guard: Guard, target: Target, certificate: ClientCertificate | None = None) -> None:
        self._guard = guard
        self._target = target
        self._certificate = certificate
        self._deadline = Deadline(0)
        self._socket: socket.socket | None = None
        self.address: str | None = None

    def begin(self, deadline: Deadline) -> None:
        """Put the next exchange under `deadline`."""
        self._deadline = deadline

    def connect(self) -> None:
        """Dial the judged address and, for https, shake hands in the name of the host."""
        sock = self._guard.dial(self._target, self._deadline)
        try:
            self.address = sock.getpeername()[0]
            if self._target.scheme == "https":
                context = trust_showing(self._certificate) if self._certificate else trust()
                sock.settimeout(self._deadline.left())
                sock = context.wrap_socket(sock, server_hostname=self._target.host)
        except BaseException:
            sock.close()
            raise
        self._socket = sock

    def send(self, data: bytes) -> None:
        """Send everything within the deadline; raises TimeoutError."""
        self._timed().sendall(data)

    def receive(self) -> bytes:
        """What has come, none at the end of the connection; a peer that drips bytes gains no time by it."""
        return self._timed().recv(_AT_ONCE)

    def is_usable(self) -> bool:
        """Whether the peer has neither closed the idle connection nor spoken out of turn."""
        return self._socket is not None and not wait_for_read(self._socket, 0)

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()

    def _timed(self) -> socket.socket:
        if self._socket is None:
            raise OSError("not connected")
        self._socket.settimeout(self._deadline.left())
        return self._socket
