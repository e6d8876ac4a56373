"""Many requests by one, in the two forms of OData v4: JSON (4.01, section 19) and multipart/mixed (4.0, section 11.7).

Each change is a request of its own: in multipart a change set of one, for many services take changes in such sets only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import uuid4

import orjson

from connectors.base import ConnectorError
from connectors.wire.answer import Answer
from connectors.wire.understood import understood

_BOUNDARY = re.compile(r"^multipart/mixed\s*;.*?\bboundary=(?:\"([^\"]{1,200})\"|([^\s;\"]{1,200}))", re.IGNORECASE)
_HEAD_END = re.compile(rb"\r?\n\r?\n|\r?\n\Z")
_STATUS = re.compile(r"^HTTP/\d(?:\.\d)? (\d{3})\b")


@dataclass(frozen=True, slots=True)
class Part:
    """One request among many; the address is below the service root."""

    method: str
    address: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the service said to one request; header names in lower case, the body None where there is no JSON."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


class Format(Protocol):
    """How many requests become one."""

    def content(self, parts: Sequence[Part]) -> tuple[str, bytes]:
        """The Content-Type and the body."""

    def outcomes(self, answer: Answer) -> dict[int, Outcome]:
        """What was answered, by the position of the request; ConnectorError when it cannot be read at all."""


class JsonBatch:
    """`{"requests": […]}`, answered in any order and told apart by ids."""

    def content(self, parts: Sequence[Part]) -> tuple[str, bytes]:
        """The Content-Type and the body."""
        requests = [
            {
                "id": str(position),
                "method": part.method,
                "url": part.address.lstrip("/"),
                "headers": {name.lower(): value for name, value in part.headers.items()},
                **({} if part.body is None else {"body": part.body}),
            }
            for position, part in enumerate(parts)
        ]
        return "application/json", orjson.dumps({"requests": requests})

    @understood("The service")
    def outcomes(self, answer: Answer) -> dict[int, Outcome]:
        """What was answered, by id."""
        body = answer.json()
        told = body.get("responses") if isinstance(body, dict) else None
        if not isinstance(told, list):
            raise ConnectorError(f"{answer.path} answered without a list of responses.")
        return {int(each["id"]): _outcome(each) for each in told if _is_response(each)}


class MultipartBatch:
    """Parts between boundaries, answered in order; a part that failed may come without its Content-ID."""

    def content(self, parts: Sequence[Part]) -> tuple[str, bytes]:
        """The Content-Type and the body."""
        boundary = f"batch_{uuid4().hex}"
        sets = b"".join(
            b"--%b\r\n%b" % (boundary.encode(), _change_set(position, part)) for position, part in enumerate(parts)
        )
        return f"multipart/mixed; boundary={boundary}", b"%b--%b--\r\n" % (sets, boundary.encode())

    @understood("The service")
    def outcomes(self, answer: Answer) -> dict[int, Outcome]:
        """What was answered, by Content-ID or else by place."""
        boundary = _boundary(answer.headers.get("Content-Type", ""))
        if boundary is None:
            raise ConnectorError(f"{answer.path} answered {answer.status}, but no multipart/mixed: {answer.excerpt}")
        found: dict[int, Outcome] = {}
        for place, (named, outcome) in enumerate(_answers(answer.body, boundary)):
            found[int(named) if named.isdecimal() else place] = outcome
        return found


FORMATS: dict[str, Format] = {"json": JsonBatch(), "multipart": MultipartBatch()}


def _is_response(each: Any) -> bool:
    return isinstance(each, dict) and str(each.get("id")).isdecimal() and isinstance(each.get("status"), int)


def _outcome(each: Mapping[str, Any]) -> Outcome:
    headers = each.get("headers")
    told = headers.items() if isinstance(headers, dict) else ()
    return Outcome(each["status"], {name.lower(): str(value) for name, value in told}, each.get("body"))


def _change_set(position: int, part: Part) -> bytes:
    boundary = f"changeset_{uuid4().hex}"
    headers = "".join(f"{name}: {value}\r\n" for name, value in part.headers.items())
    head = (
        f"Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n--{boundary}\r\n"
        f"Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: {position}\r\n\r\n"
        f"{part.method} {part.address.lstrip('/')} HTTP/1.1\r\n{headers}\r\n"
    )
    body = b"" if part.body is None else orjson.dumps(part.body)
    return b"%b%b\r\n--%b--\r\n" % (head.encode("ascii"), body, boundary.encode())


def _answers(body: bytes, boundary: str) -> Iterator[tuple[str, Outcome]]:
    """Each answer with its Content-ID, if any; change sets, which nest no deeper, are opened."""
    for part in _split(body, boundary):
        headers, content = _headed(part)
        nested = _boundary(headers.get("content-type", ""))
        for each in _split(content, nested) if nested else [part]:
            headers, content = _headed(each)
            if (outcome := _http(content)) is not None:
                yield headers.get("content-id", outcome.headers.get("content-id", "")), outcome


def _split(body: bytes, boundary: str) -> list[bytes]:
    """What stands between the boundaries; nothing of a body that breaks off is lost but the part that broke."""
    delimiter = rb"(?:\A|\r?\n)--" + re.escape(boundary.encode()) + rb"(?:--)?[ \t]*(?=\r?\n|\Z)"
    return [piece.removeprefix(b"\r").removeprefix(b"\n") for piece in re.split(delimiter, body)[1:-1]]


def _headed(part: bytes) -> tuple[dict[str, str], bytes]:
    """Headers, their names in lower case, and what follows the empty line."""
    end = _HEAD_END.search(part)
    head, content = (part[: end.start()], part[end.end() :]) if end else (part, b"")
    pairs = (line.partition(":") for line in head.decode("utf-8", "replace").splitlines())
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}, content


def _http(content: bytes) -> Outcome | None:
    """An HTTP answer written into a part; None when it is none, or its JSON is broken."""
    status = _STATUS.match(content[:64].decode("ascii", "replace"))
    headers, body = _headed(content)
    if status is None:
        return None
    if not body.strip():
        return Outcome(int(status[1]), headers)
    try:
        return Outcome(int(status[1]), headers, orjson.loads(body))
    except ValueError:
        # An error page proves the status; a success that cannot be read proves nothing.
        return Outcome(int(status[1]), headers) if int(status[1]) >= 400 else None


def _boundary(content_type: str) -> str | None:
    found = _BOUNDARY.match(content_type)
    return (found[1] or found[2]) if found else None
