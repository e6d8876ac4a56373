"""A transport that misbehaves on demand, for the contract tests: partners do all of this sooner or later."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from connectors.wire.deadline import DeadlineAdapter

Request = requests.PreparedRequest
Send = Callable[[Request], requests.Response]


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong: it may let the request through or not, and answers or raises."""

    name: str
    happen: Callable[[Request, Send], requests.Response] = field(repr=False)


def answer(status: int, body: str = "", headers: Mapping[str, str] | None = None) -> Fault:
    """The request never arrives; this comes back instead."""
    return Fault(f"answer {status}", lambda request, _: _response(request, status, body.encode(), headers or {}))


def truncated() -> Fault:
    """The partner does its work, and half of its answer arrives."""

    def happen(request: Request, send: Send) -> requests.Response:
        whole = send(request)
        return _response(request, whole.status_code, whole.content[: len(whole.content) // 2], {})

    return Fault("truncated", happen)


def lost() -> Fault:
    """The partner does its work, and its answer never arrives."""

    def happen(request: Request, send: Send) -> requests.Response:
        send(request)
        raise requests.ReadTimeout(request=request)

    return Fault("lost answer", happen)


def refused() -> Fault:
    """Nobody listens."""

    def happen(request: Request, send: Send) -> requests.Response:
        raise requests.ConnectionError(f"refused {request.url} {request.headers}", request=request)

    return Fault("refused", happen)


class FaultyAdapter(BaseAdapter):
    """Sends as usual, except where a fault is planned; remembers what was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Request] = []
        self._real = DeadlineAdapter()
        self._plans: list[tuple[Fault, Callable[[Request], bool]]] = []

    def plan(self, fault: Fault, when: Callable[[Request], bool] = lambda _: True) -> None:
        """Let the fault happen once, at the next request that fits."""
        self._plans.append((fault, when))

    def send(self, request: Request, *args: Any, **options: Any) -> requests.Response:
        """Send, or let the first fitting fault happen."""
        self.sent.append(request)
        for plan in self._plans:
            fault, when = plan
            if when(request):
                self._plans.remove(plan)
                return fault.happen(request, lambda each: self._real.send(each, *args, **options))
        return self._real.send(request, *args, **options)

    def close(self) -> None:
        """Close the real transport."""
        self._real.close()


def _response(request: Request, status: int, body: bytes, headers: Mapping[str, str]) -> requests.Response:
    raw = HTTPResponse(io.BytesIO(body), headers=dict(headers), status=status, preload_content=False)
    return DeadlineAdapter().build_response(request, raw)
