"""Posting to addresses that somebody typed: no redirects, no proxies, one deadline, kept-alive connections."""

from __future__ import annotations

import http.client
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from gateway.guarded import AddressRefused, Deadline, Guard, Target, Unresolvable, read_target
from gateway.guarded_connection import ClientCertificate, GuardedConnection
from gateway.guarded_http import read_reply, request

MOST_BYTES = 16 * 1024
_KEPT_SECONDS = 30.0
_LIFE_SECONDS = 60.0  # a name that moves is noticed within a minute
_MOST_IDLE = 256
_Way = tuple[tuple[str, str, int], ClientCertificate | None]  # what connections may be shared by


class SendFailed(Exception):
    """No whole answer came; `code` is one of dns_error, connect_error, tls_error, timeout, lost, bad_response.

    `address` is the one that was reached, if any.
    """

    def __init__(self, code: str, address: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.address = address


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from an address: names of `headers` in lower case, the first 16 KiB of `body`, the rest unread."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    address: str | None = None


@dataclass(slots=True)
class _Idle:
    way: _Way
    connection: GuardedConnection
    opened: float
    since: float

    def is_fresh(self, moment: float) -> bool:
        return moment - self.since < _KEPT_SECONDS and moment - self.opened < _LIFE_SECONDS


class Sender:
    """A way out that many threads share."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._lock = threading.Lock()
        self._idle: dict[_Way, list[_Idle]] = {}

    def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        seconds: float = 20.0,
        certificate: ClientCertificate | None = None,
    ) -> Answer:
        """Post once and read the answer, all within `seconds`; a redirect is an answer like any other.

        Raises AddressRefused, judged anew for each connection, or SendFailed.
        """
        target, deadline = read_target(url), Deadline(seconds)
        kept = self._take((target.origin, certificate))
        if kept is not None:
            try:
                return self._exchange(kept, target, body, headers, deadline)
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                pass  # the peer had closed the idle connection: that says nothing about this message
            except (OSError, http.client.HTTPException) as error:
                _fail(error, kept.connection)
        opened = self._open(target, certificate, deadline)
        try:
            return self._exchange(opened, target, body, headers, deadline)
        except (OSError, http.client.HTTPException) as error:
            _fail(error, opened.connection)

    def close(self) -> None:
        """Close every idle connection."""
        with self._lock:
            idle = [each for kept in self._idle.values() for each in kept]
            self._idle.clear()
        for each in idle:
            each.connection.close()

    def _open(self, target: Target, certificate: ClientCertificate | None, deadline: Deadline) -> _Idle:
        connection = GuardedConnection(self._guard, target, certificate)
        try:
            connection.begin(deadline)
            connection.connect()
        except (AddressRefused, Unresolvable, OSError) as error:
            _fail(error, connection, is_connecting=True)
        moment = time.monotonic()
        return _Idle((target.origin, certificate), connection, moment, moment)

    def _exchange(
        self, used: _Idle, target: Target, body: bytes, headers: Mapping[str, str], deadline: Deadline
    ) -> Answer:
        connection, is_over = used.connection, False
        try:
            connection.begin(deadline)
            connection.send(request(target, body, headers))
            reply = read_reply(connection.receive, MOST_BYTES)
            is_over = reply.is_whole
            return Answer(reply.status, reply.headers, reply.body, connection.address)
        finally:
            if is_over:
                self._keep(used)
            else:
                connection.close()

    def _take(self, way: _Way) -> _Idle | None:
        moment = time.monotonic()
        while True:
            with self._lock:
                kept = self._idle.get(way)
                if not kept:
                    return None
                each = kept.pop()
            if each.is_fresh(moment) and each.connection.is_usable():
                return each
            each.connection.close()

    def _keep(self, used: _Idle) -> None:
        used.since = time.monotonic()
        with self._lock:
            self._idle.setdefault(used.way, []).append(used)
            overdue = self._overdue(used.since) if sum(map(len, self._idle.values())) > _MOST_IDLE else []
        for each in overdue:
            each.connection.close()

    def _overdue(self, moment: float) -> list[_Idle]:
        every = sorted((each for kept in self._idle.values() for each in kept), key=lambda each: each.since)
        fresh = [each for each in every if each.is_fresh(moment)][-_MOST_IDLE // 2 :]
        chosen = set(map(id, fresh))
        self._idle = {way: left for way, kept in self._idle.items() if (left := [e for e in kept if id(e) in chosen])}
        return [each for each in every if id(each) not in chosen]


def _fail(error: Exception, connection: GuardedConnection, *, is_connecting: bool = False) -> NoReturn:
    if isinstance(error, AddressRefused):
        raise error
    raise SendFailed(_code_of(error, is_connecting), connection.address) from error


def _code_of(error: Exception, is_connecting: bool) -> str:
    if isinstance(error, Unresolvable):
        return "dns_error"
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ssl.SSLError):
        return "tls_error"
    if isinstance(error, http.client.HTTPException) and not isinstance(error, ConnectionError):
        return "bad_response"
    return "connect_error" if is_connecting else "lost"
