"""The answer of an operation, as light as a response can be: its headers are ours, so nothing looks at them twice.

Werkzeug's Response checks, folds and copies every header several times, which for a dozen of them costs as much as
reading a record from the database.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from flask import Response
from werkzeug.datastructures import Headers

from gateway.http import Stream

Pairs = Iterable[tuple[str, str]]
_LINES = {status.value: f"{status.value} {status.phrase.upper()}" for status in HTTPStatus}
_BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class Answer(Response):
    """A whole JSON answer, or a stream; raises ValueError for a header that would break out of its line."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes | Stream) -> None:
        self._status, self._status_code = _LINES[status], int(status)
        self._on_close = []
        self.direct_passthrough = False
        self.response = body if isinstance(body, Stream) else [body]
        self.headers = Headers()
        self._pairs: list[tuple[str, str]] = self.headers._list
        for name, value in headers.items():
            if not value.isprintable():
                raise ValueError(f"the header {name} holds a control character")
            self._pairs.append((name, value))
        if body and "Content-Type" not in headers:
            self._pairs.append(("Content-Type", "application/json"))
        if status not in _BODILESS and not isinstance(body, Stream):
            self._pairs.append(("Content-Length", str(len(body))))

    def put(self, headers: Pairs) -> None:
        """Add those headers that it does not have yet."""
        known = {name for name, _ in self._pairs}
        self._pairs.extend(pair for pair in headers if pair[0] not in known)

    def __call__(self, environ, start_response):  # type: ignore[no-untyped-def]  # as WSGI says
        """What WSGI is told, without the checks that headers from elsewhere need."""
        start_response(self._status, self._pairs)
        return () if environ["REQUEST_METHOD"] == "HEAD" else self.response
