"""Operations: each declared once, with its scope and shapes, for every channel it serves; `edge.py` runs them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, Any, TypeVar
from urllib.parse import urlencode

from flask import request
from marshmallow import Schema
from werkzeug.datastructures import MultiDict

from gateway.channels import DOORS, Caller, Channel
from gateway.config import Settings
from gateway.db import Transaction
from gateway.errors import PreconditionFailed, PreconditionRequired
from gateway.paging import Page, read_cursor, write_cursor

Shapes = type[Schema] | Mapping[Channel, type[Schema]]
Handler = TypeVar("Handler", bound="Callable[..., Reply]")
Lister = TypeVar("Lister", bound=Callable[..., Page])
_KEPT_IN_MEMORY, _READ_AT_ONCE = 1 << 20, 1 << 18
SENDER = "kopru.sender"  # in the environ: which client sends a file
IS_CUT = "kopru.is_cut"  # in the environ: whether a body was larger than what was read of it


class Stream:
    """A body that is sent part by part, each made only when the one before is on its way."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        return self._parts


def measured(stream: Stream) -> tuple[int, Stream]:
    """The bytes of a stream, and the stream once it was put by on disk: without them a half would look whole."""
    kept = SpooledTemporaryFile(_KEPT_IN_MEMORY)  # noqa: SIM115  # it ends with who reads it
    size = sum(map(kept.write, stream))
    kept.seek(0)
    return size, Stream(iter(partial(kept.read, _READ_AT_ONCE), b""))


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers: JSON-ready `data` or a stream, a status, headers."""

    data: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    stream: Stream | None = None


def found(data: dict[str, Any], version: int) -> Reply:
    """200 with the record and its ETag: the version, to which the edge adds a mark of what is answered."""
    return Reply(data, 200, {"ETag": f'"{version}"'})


def created(data: dict[str, Any], location: str, version: int | None = None) -> Reply:
    """201 with the record, its Location below the channel's base, and its ETag where it has one."""
    headers = {"Location": location}
    if version is not None:
        headers["ETag"] = f'"{version}"'
    return Reply(data, 201, headers)


def accepted(data: dict[str, Any], location: str) -> Reply:
    """202 with the work that was begun and where to follow it."""
    return Reply(data, 202, {"Location": location})


NO_CONTENT = Reply(None, 204)


@dataclass(frozen=True, slots=True)
class Upload:
    """A body that is a file: the media types there may be, and how many bytes an installation takes.

    `read` makes the call's body of it before the transaction opens: that may take a while, and readers of events wait
    for whoever has begun to write.
    """

    types: tuple[str, ...]
    most_bytes: Callable[[Settings], int]
    read: Callable[[Call], Any]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method on one path, opened by `scope` or any of `or_scopes`.

    `fields_of` narrows the body's schema to what a caller may write, `needs_version` asks for If-Match, `also` names
    statuses it may answer besides, `upload` says that the body is a file, `sends` the media types of a file answered.
    """

    name: str
    method: str
    path: str
    tag: str
    handler: Callable[..., Reply | Page]
    scope: str
    or_scopes: Sequence[str] = ()
    channels: Sequence[Channel] = DOORS
    query: type[Schema] | None = None
    body: Shapes | None = None
    is_body_optional: bool = False
    upload: Upload | None = None
    returns: Shapes | None = None
    sends: Sequence[str] = ()
    status: int = 200
    also: Sequence[int] = ()
    is_list: bool = False
    needs_version: bool = False
    fields_of: Callable[[Caller], Iterable[str]] | None = None

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes any one of which opens it."""
        return (self.scope, *self.or_scopes)

    def shape(self, shapes: Shapes | None, channel: Channel) -> type[Schema] | None:
        """The schema of this operation on one channel."""
        return shapes[channel] if isinstance(shapes, Mapping) else shapes


class Call:
    """One request to an operation, inside its transaction."""

    __slots__ = ("body", "caller", "channel", "file", "media_type", "operation", "query", "settings", "tx")

    def __init__(self, operation: Operation, caller: Caller, query: dict[str, Any], settings: Settings) -> None:
        self.operation = operation
        self.caller = caller
        self.channel = caller.channel
        self.query = query
        self.body: Any = None
        self.settings = settings
        self.tx: Transaction = None  # type: ignore[assignment]  # set when the transaction opens
        self.file: IO[bytes] = None  # type: ignore[assignment]  # set where the operation takes a file
        self.media_type = ""

    @property
    def after(self) -> tuple[Any, ...] | None:
        """The key inside the query's cursor, or None on the first page; raises BadRequest for a foreign cursor."""
        cursor = self.query.get("cursor")
        return read_cursor(cursor, self._bound_to, self.settings.secret_key) if cursor else None

    @property
    def _bound_to(self) -> str:
        asked = sorted((name, str(value)) for name, value in self.query.items() if name not in ("cursor", "limit"))
        return f"{self.caller.key} {self.operation.name} {request.path} {asked}"

    @property
    def base(self) -> str:
        """The path below which this channel's resources stand."""
        return f"/{self.channel.value}/v1"

    def expected_version(self) -> int:
        """The version in If-Match; raises PreconditionRequired (428) without it, PreconditionFailed for nonsense."""
        raw = request.headers.get("If-Match")
        if raw is None:
            raise PreconditionRequired
        matched = re.fullmatch(r'(?:W/)?"(\d{1,9})(?:-[0-9a-f]{8})?"', raw.strip())
        if matched is None:
            raise PreconditionFailed("If-Match is not an ETag of this record.")
        return int(matched[1])

    def list_reply(self, page: Page) -> Reply:
        """`{"items", "next"}` with a Link header (RFC 8288) to the next page."""
        if page.last_key is None:
            return Reply({"items": page.items, "next": None})
        cursor = write_cursor(page.last_key, self._bound_to, self.settings.secret_key)
        args: MultiDict[str, str] = MultiDict(request.args)
        args["cursor"] = cursor
        # From our own address, never the Host header: whoever follows it carries a token there.
        link = f'<{self.settings.base_url}{request.path}?{urlencode(args)}>; rel="next"'
        return Reply({"items": page.items, "next": cursor}, 200, {"Link": link})


class Operations:
    """The operations of one feature; `mount` puts them on every channel they serve.

    `path` is below the channel's base, with Flask's converters (`<id:customer_id>`); whatever else a decorator is
    given are fields of `Operation`.
    """

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.all: list[Operation] = []

    def _declare(self, method: str, path: str, declared: dict[str, Any]) -> Callable[[Any], Any]:
        def register(handler: Callable[..., Reply | Page]) -> Callable[..., Reply | Page]:
            name = handler.__name__
            self.all.append(Operation(name=name, method=method, path=path, tag=self.tag, handler=handler, **declared))
            return handler

        return register

    def list(self, path: str, **declared: Any) -> Callable[[Lister], Lister]:
        """A GET that answers pages; the handler returns a `Page`."""
        return self._declare("GET", path, {"is_list": True, **declared})

    def get(self, path: str, **declared: Any) -> Callable[[Handler], Handler]:
        """A GET of one thing."""
        return self._declare("GET", path, declared)

    def post(self, path: str, **declared: Any) -> Callable[[Handler], Handler]:
        """A POST, answered with 201 unless `status` says otherwise; it takes an Idempotency-Key."""
        return self._declare("POST", path, {"status": 201, **declared})

    def patch(self, path: str, **declared: Any) -> Callable[[Handler], Handler]:
        """A PATCH by JSON merge patch (RFC 7396); `needs_version=True` where the record has an ETag."""
        return self._declare("PATCH", path, declared)

    def delete(self, path: str, **declared: Any) -> Callable[[Handler], Handler]:
        """A DELETE, answered with 204."""
        return self._declare("DELETE", path, {"status": 204, **declared})
