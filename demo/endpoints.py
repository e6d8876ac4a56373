"""What a dealer's system answers over HTTP: requests in, responses out, no sockets."""

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from typing import Any, NoReturn
from urllib.parse import parse_qsl, unquote, urlsplit

from marshmallow import ValidationError

from demo.ears import PATH, Ears
from demo.outage import MOST_SECONDS, Outage
from demo.records import Record, stamp
from demo.store import (
    OWN_FIELDS,
    STREAMS,
    CustomerUnknown,
    Query,
    RecordNotFound,
    ReferenceTaken,
    Store,
    VersionConflict,
)
from schemas.record import CustomerRecord, InteractionRecord, check_json

_SHAPES = {"customers": CustomerRecord(), "interactions": InteractionRecord()}
_JSON_TYPES = ("application/json", "application/merge-patch+json")
_MOST_PER_PAGE = 200
_DOWN = "The system is down for maintenance."


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `target` is path and query as sent."""

    method: str
    target: str
    headers: Mapping[str, str] | Message
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """One answer; `body` is JSON text, or empty for 204."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """The request cannot be done; carries the whole answer."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(message)
        self.response = Response(status, json.dumps({"error": message, **more}, ensure_ascii=False), headers or {})


class Endpoints:
    """The endpoints of one dealer's system."""

    def __init__(
        self, store: Store, code: str, token: str, outage: Outage | None = None, ears: Ears | None = None
    ) -> None:
        self._store = store
        self._code = code
        self._token = token.encode()
        self._outage = outage or Outage()
        self._ears = ears

    def answer(self, request: Request) -> Response:
        """The answer to any request, errors included."""
        try:
            return self._route(request)
        except Refused as refused:
            return refused.response

    def _route(self, request: Request) -> Response:
        path, _, _ = request.target.partition("?")
        if path == "/health":
            return Response(200, json.dumps({"status": "ok", "dealer": self._code}))
        if path == PATH and request.method == "POST":
            return self._hear(request)
        if not hmac.compare_digest(request.headers.get("X-Api-Key", "").encode("latin-1", "replace"), self._token):
            raise Refused(401, "The header X-Api-Key is missing or wrong.")
        if path == "/outage":
            return self._begin_outage(request)
        if self._outage.is_on:
            raise Refused(503, _DOWN)
        if path == PATH and self._ears:
            return Response(200, json.dumps(self._ears.heard(), ensure_ascii=False))
        stream, slash, external_id = path.removeprefix("/").partition("/")
        if stream not in STREAMS or (slash and not external_id) or "/" in external_id:
            raise Refused(404, "There is nothing at this address.")
        actions = self._item_actions(stream, _text_of(external_id)) if slash else self._list_actions(stream)
        action = actions.get(request.method)
        if action is None:
            raise Refused(405, f"{request.method} is not possible here.", {"Allow": ", ".join(actions)})
        return _translate(lambda: action(request))

    def _hear(self, request: Request) -> Response:
        if self._ears is None:
            raise Refused(404, "There is nothing at this address.")
        if self._outage.is_on:
            raise Refused(503, _DOWN)
        if not self._ears.hear(request.headers, request.body):
            raise Refused(401, "The signature does not fit.")
        return Response(204)

    def _begin_outage(self, request: Request) -> Response:
        if request.method != "POST":
            raise Refused(405, f"{request.method} is not possible here.", {"Allow": "POST"})
        seconds = read_object(request).get("seconds")
        if not isinstance(seconds, int) or not 0 <= seconds <= MOST_SECONDS:
            raise Refused(400, f"`seconds` is a whole number from 0 to {MOST_SECONDS}.", field="seconds")
        self._outage.begin(seconds)
        return Response(200, json.dumps({"down_for_seconds": seconds}))

    def _list_actions(self, stream: str) -> dict[str, Callable[[Request], Response]]:
        return {
            "GET": lambda request: self._list(stream, request),
            "POST": lambda request: self._create(stream, request),
        }

    def _item_actions(self, stream: str, external_id: str) -> dict[str, Callable[[Request], Response]]:
        return {
            "GET": lambda _: _item(200, self._store.get(stream, external_id)),
            "PATCH": lambda request: self._change(stream, external_id, request),
            "DELETE": lambda request: self._delete(stream, external_id, request),
        }

    def _list(self, stream: str, request: Request) -> Response:
        query = read_query(request.target)
        items, following = self._store.page(stream, query)
        cursor = json.dumps(_write_cursor(following) if following else None)
        # The total is for progress bars; only a walk's first page counts, because counting reads the whole index.
        total = "" if query.after else f',"total":{self._store.count(stream, query)}'
        return Response(200, f'{{"items":[{",".join(items)}],"next":{cursor}{total}}}')

    def _create(self, stream: str, request: Request) -> Response:
        item = checked(stream, merge({}, read_object(request)))
        made = self._store.create(stream, item)
        return _item(201, made, {"Location": f"/{stream}/{made['external_id']}"})

    def _change(self, stream: str, external_id: str, request: Request) -> Response:
        patch = read_object(request)
        changed = self._store.change(
            stream, external_id, lambda item: checked(stream, merge(item, patch)), _seen_version(request)
        )
        return _item(200, changed)

    def _delete(self, stream: str, external_id: str, request: Request) -> Response:
        self._store.delete(stream, external_id, _seen_version(request))
        return Response(204)


def _translate(act: Callable[[], Response]) -> Response:
    try:
        return act()
    except RecordNotFound as error:
        raise Refused(404, "There is no record with this external id.") from error
    except VersionConflict as error:
        raise Refused(412, "The record has changed since you read it.", version=str(error)) from error
    except ReferenceTaken as error:
        raise Refused(409, "A record with this reference exists.", external_id=str(error)) from error
    except CustomerUnknown as error:
        raise Refused(400, "There is no such customer.", field="customer_external_id") from error


def _item(status: int, item: Record, headers: Mapping[str, str] | None = None) -> Response:
    body = json.dumps(item, ensure_ascii=False, separators=(",", ":"))
    return Response(status, body, {"ETag": f'"{item["version"]}"', **(headers or {})})


def _seen_version(request: Request) -> str | None:
    """The version in If-Match, with or without quotes; None when any will do."""
    value = request.headers.get("If-Match", "*").strip()
    return None if value == "*" else value.removeprefix("W/").strip('"')


def merge(target: Any, patch: Record) -> Record:
    """JSON merge patch (RFC 7396): objects are merged, null removes, anything else replaces."""
    merged: Record = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value) if isinstance(value, dict) else value
    return merged


def checked(stream: str, item: Record) -> Record:
    """The item, if it has the shape of a record."""
    ours = {"external_id": "?"}
    faults = _SHAPES[stream].validate({name: item[name] for name in item if name not in OWN_FIELDS} | ours)
    if faults:
        raise Refused(400, "The record is not in the agreed shape.", fields=faults)
    return item


def read_object(request: Request) -> Record:
    """The JSON object in the request's body, free of anything that could not be stored."""
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() not in _JSON_TYPES:
        raise Refused(415, "The body must be application/json.")
    try:
        value = json.loads(request.body, parse_constant=_refuse_constant)
        check_json(value)
    except (ValueError, RecursionError, ValidationError) as error:
        raise Refused(400, "The body is not JSON that can be stored.") from error
    if not isinstance(value, dict):
        raise Refused(400, "The body must be a JSON object.")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def read_query(target: str) -> Query:
    """The list's parameters; an unknown, doubled or unreadable one is refused by name."""
    pairs = _pairs(target)
    given = dict(pairs)
    readers: dict[str, Callable[[str], Any]] = {
        "limit": _read_limit,
        "updated_since": _read_time,
        "cursor": _read_cursor,
        "reference": str,
        "q": str,
        "include_deleted": _read_flag,
    }
    names = {"updated_since": "since", "cursor": "after", "q": "words", "include_deleted": "with_deleted"}
    for name, _ in pairs:
        if name not in readers or [each for each, _ in pairs].count(name) > 1:
            raise Refused(400, f"The parameter {name} is unknown or given twice.", parameter=name)
    return Query(**{names.get(name, name): _read(name, readers[name], value) for name, value in given.items()})


def _pairs(target: str) -> list[tuple[str, str]]:
    try:
        query = urlsplit(target).query
        return parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError as error:
        raise Refused(400, "The query is not readable.") from error


def _read(name: str, reader: Callable[[str], Any], value: str) -> Any:
    try:
        return reader(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise Refused(400, f"The parameter {name} is not readable.", parameter=name) from error


def _read_limit(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 5 and int(value) > 0):
        raise ValueError(value)
    return min(int(value), _MOST_PER_PAGE)


def _read_time(value: str) -> str:
    # A plus sign that nobody escaped arrives as a blank: 2026-01-01T00:00:00 03:00.
    moment = datetime.fromisoformat(value.replace(" ", "+"))
    return stamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _read_flag(value: str) -> bool:
    if value not in ("true", "false"):
        raise ValueError(value)
    return value == "true"


def _read_cursor(value: str) -> tuple[str, str]:
    updated_at, external_id = json.loads(base64.urlsafe_b64decode(value.encode("ascii")))
    return _read_time(updated_at), str(external_id)


def _write_cursor(after: tuple[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(after).encode()).decode()


def _text_of(segment: str) -> str:
    try:
        return unquote(segment, errors="strict")
    except ValueError as error:
        raise Refused(404, "There is nothing at this address.") from error
