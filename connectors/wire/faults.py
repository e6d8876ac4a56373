"""A transport that misbehaves on demand, for the contract tests: partners do all of this sooner or later."""

from __future__ import annotations

import io
import itertools
import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse
from urllib3.exceptions import ProtocolError

from connectors.wire.deadline import DeadlineAdapter

Request = requests.PreparedRequest
Send = Callable[[Request], requests.Response]
When = Callable[[Request], bool]
_ENDLESS, _CHUNK = 10 * 1024**3, 65_536
_BOMB = 128 * 1024 * 1024
_OF_THE_BODY = ("content-length", "content-encoding", "transfer-encoding")


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong: it may let the request through or not, and answers or raises."""

    name: str
    happen: Callable[[Request, Send], requests.Response] = field(repr=False)

    def __str__(self) -> str:
        return self.name


def answer(status: int, body: str = "", headers: Mapping[str, str] | None = None, name: str = "") -> Fault:
    """The request never arrives; this comes back instead."""
    name = name or f"answer {status}"
    return Fault(name, lambda request, _: _response(request, status, body.encode(), headers or {}))


def refused() -> Fault:
    """Nobody listens."""

    def happen(request: Request, send: Send) -> requests.Response:
        raise requests.ConnectionError(f"refused {request.url} {request.headers}", request=request)

    return Fault("refused", happen)


def reset() -> Fault:
    """The connection is reset before the request was read."""

    def happen(request: Request, send: Send) -> requests.Response:
        raise requests.ConnectionError(ProtocolError("aborted", ConnectionResetError(104, "reset")), request=request)

    return Fault("reset", happen)


def lost() -> Fault:
    """The partner does its work, and its answer never arrives."""

    def happen(request: Request, send: Send) -> requests.Response:
        send(request)
        raise requests.ReadTimeout(request=request)

    return Fault("lost answer", happen)


def truncated() -> Fault:
    """The partner does its work, and half of its answer arrives as if it were whole."""
    return _changed("truncated", lambda whole: whole.content[: len(whole.content) // 2])


def broken_off() -> Fault:
    """The partner does its work, and the connection is reset in the middle of its answer."""

    def happen(request: Request, send: Send) -> requests.Response:
        whole = send(request)
        body = _Pieces(iter([whole.content[: len(whole.content) // 2]]), ConnectionResetError(104, "reset"))
        return _stream(request, whole.status_code, body, whole.headers)

    return Fault("broken off", happen)


def spoiled(status: int) -> Fault:
    """The partner does its work, and something in front of it answers with an error all the same."""

    def happen(request: Request, send: Send) -> requests.Response:
        send(request)
        return _response(request, status, b"upstream failed", {})

    return Fault(f"done, then {status}", happen)


def reshaped(reshape: Callable[[Any], Any]) -> Fault:
    """The partner's JSON arrives in another shape; what is no JSON arrives as it is."""

    def change(whole: requests.Response) -> bytes:
        try:
            return json.dumps(reshape(whole.json())).encode()
        except requests.JSONDecodeError:
            return whole.content

    return _changed("reshaped", change)


@dataclass(frozen=True)
class Taped:
    """One answer of a partner, kept to be played again without it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def taped(tape: list[Taped]) -> Fault:
    """Nothing goes wrong, and the answer is kept at the end of the tape."""

    def happen(request: Request, send: Send) -> requests.Response:
        whole = send(request)
        tape.append(Taped(whole.status_code, _bodyless(whole.headers), whole.content))
        return whole

    return Fault("taped", happen)


def played(tape: Sequence[Taped]) -> Fault:
    """The partner is not asked: its answers come from the tape, one after the other, and then nobody listens."""
    answers = iter(tape)

    def happen(request: Request, send: Send) -> requests.Response:
        each = next(answers, None)
        if each is None:
            raise requests.ConnectionError("the tape is over", request=request)
        return _response(request, each.status, each.body, each.headers)

    return Fault("played", happen)


def twisted() -> Fault:
    """Every JSON object holds one key twice, and NaN under it."""
    return _changed("twisted", lambda whole: whole.content.replace(b'{"', b'{"kopru": NaN, "kopru": -Infinity, "'))


def headed(headers: Mapping[str, str]) -> Fault:
    """The partner's answer carries these headers too."""

    def happen(request: Request, send: Send) -> requests.Response:
        whole = send(request)
        whole.headers.update(headers)
        return whole

    return Fault("headed", happen)


def endless() -> Fault:
    """Ten gigabytes of an answer that never makes sense."""

    def happen(request: Request, send: Send) -> requests.Response:
        pieces = itertools.repeat(b'[{"a": 1}, ' * (_CHUNK // 11), _ENDLESS // _CHUNK)
        return _stream(request, 200, _Pieces(pieces), {"Content-Type": "application/json"})

    return Fault("endless", happen)


def bomb() -> Fault:
    """A small compressed answer that unfolds to 128 MiB of blanks."""

    def happen(request: Request, send: Send) -> requests.Response:
        return _response(request, 200, _bomb(), {"Content-Encoding": "gzip", "Content-Type": "application/json"})

    return Fault("bomb", happen)


def nth(place: int) -> When:
    """Fits the request at this place, the next one being 0."""
    count = itertools.count()
    return lambda _: next(count) == place


class FaultyAdapter(BaseAdapter):
    """Sends as usual, except where a fault is planned; remembers what was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Request] = []
        self._real = DeadlineAdapter()
        self._plans: list[_Plan] = []

    def plan(self, fault: Fault, when: When = lambda _: True, times: int | None = 1) -> None:
        """Let the fault happen at the next requests that fit: so many times, or (None) at all of them."""
        self._plans.append(_Plan(fault, when, times))

    def calm(self) -> None:
        """Drop what is still planned."""
        self._plans.clear()

    def send(self, request: Request, *args: Any, **options: Any) -> requests.Response:
        """Send, or let the first fitting fault happen."""
        self.sent.append(request)
        for plan in self._plans:
            if plan.when(request):
                if plan.times is not None:
                    plan.times -= 1
                if plan.times == 0:
                    self._plans.remove(plan)
                return plan.fault.happen(request, lambda each: self._real.send(each, *args, **options))
        return self._real.send(request, *args, **options)

    def close(self) -> None:
        """Close the real transport."""
        self._real.close()


@dataclass
class _Plan:
    fault: Fault
    when: When
    times: int | None


class _Pieces(io.RawIOBase):
    """A body that comes piece by piece, and may end in an error."""

    def __init__(self, pieces: Iterable[bytes], error: OSError | None = None) -> None:
        self._pieces = iter(pieces)
        self._error = error
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._left = self._left or next(self._pieces, b"")
        if not self._left and self._error:
            raise self._error
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count


def _changed(name: str, change: Callable[[requests.Response], bytes]) -> Fault:
    def happen(request: Request, send: Send) -> requests.Response:
        whole = send(request)
        return _response(request, whole.status_code, change(whole), _bodyless(whole.headers))

    return Fault(name, happen)


def _bodyless(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _OF_THE_BODY}


@cache
def _bomb() -> bytes:
    folded = zlib.compressobj(1, wbits=zlib.MAX_WBITS | 16)
    return b"".join([*(folded.compress(b" " * _CHUNK) for _ in range(_BOMB // _CHUNK)), folded.flush()])


def _response(request: Request, status: int, body: bytes, headers: Mapping[str, str]) -> requests.Response:
    return _stream(request, status, io.BytesIO(body), headers)


def _stream(request: Request, status: int, body: Any, headers: Mapping[str, str]) -> requests.Response:
    raw = HTTPResponse(body, headers=dict(headers), status=status, preload_content=False)
    return DeadlineAdapter().build_response(request, raw)
