"""The edge: every request to an operation takes the same steps.

1 who calls (the guard) · 2 may they (scope) · 3 how often (limit) · 4 what do they ask (query, body)
5 one transaction in their name, with the idempotency key and the answer · 6 headers
Anything raised on the way is an `errors.Problem`.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

import psycopg
from flask import Flask, Request, Response, current_app, request
from sqlalchemy import exc

from gateway import idempotency, metrics, query_string, uploads
from gateway.answer import Answer
from gateway.channels import PURPOSES, Caller, Channel
from gateway.config import Settings
from gateway.db import transaction
from gateway.errors import (
    BadRequest,
    BodyTooLarge,
    InsufficientScope,
    Invalid,
    TooManyRequests,
    UnsupportedMediaType,
)
from gateway.http import Call, Operation, Operations, Stream, Upload, measured
from gateway.json_body import parse_json, write_json
from gateway.limits import Limiter
from gateway.paging import Page
from gateway.validation import load

Authenticate = Callable[[str | None, Channel, str, str], Caller]
# W3C Trace Context, section 3.2
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_JSON_TYPES = ("application/json", "application/merge-patch+json")
MOST_BODY_BYTES = 1024 * 1024
_MOST_TRIES = 3
# The last one: what it belongs to was merged or removed meanwhile, and asked again the answer says so.
_PASSING = (
    psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure, psycopg.errors.ForeignKeyViolation,
)  # fmt: skip
_ID, _LIMITS, _COUNT, _STARTED = "kopru.request_id", "kopru.limits", "kopru.count", "kopru.started"
_ALWAYS = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
)
_ALWAYS_BY_HTTPS = (*_ALWAYS, ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"))


@dataclass(frozen=True)
class Edge:
    """What every request needs of its installation."""

    settings: Settings
    authenticate: Authenticate
    limiter: Limiter


def mount(app: Flask, edge: Edge, features: Iterable[Operations]) -> None:
    """Add a URL rule for every operation on every channel it serves."""
    app.extensions["kopru.operations"] = operations = [each for feature in features for each in feature.all]
    for operation in operations:
        for channel in operation.channels:
            app.add_url_rule(
                f"/{channel.value}/v1{operation.path}",
                f"{channel.value}.{operation.name}",
                _view(edge, operation, channel),
                methods=[operation.method],
                provide_automatic_options=False,
            )


def _view(edge: Edge, operation: Operation, channel: Channel) -> Callable[..., Response]:
    count = metrics.counter_of(channel.value, operation.name)

    def view(**path: Any) -> Response:
        http = request._get_current_object()  # type: ignore[attr-defined]  # the proxy looks it up at every access
        environ = http.environ
        environ[_COUNT], environ[_STARTED] = count, time.perf_counter()
        caller = _caller(edge, channel, http)
        _require_scope(operation, caller)
        _spend(edge, caller, environ)
        call = Call(operation, caller, query_string.read(operation.query, http.query_string), edge.settings)
        raw = _read_body(operation, http) if operation.upload is None else _take_file(call, operation.upload, http)
        if operation.body is not None:
            call.body = _load_body(operation, caller, raw)
        status, headers, body = _answer(call, _attempt(operation, caller, raw, http), path)
        if isinstance(body, Stream) and "Content-Length" not in headers:
            size, body = measured(body)
            headers = headers | {"Content-Length": str(size)}
        if status == 200 and "HTTP_IF_NONE_MATCH" in environ and _is_known(operation, headers.get("ETag")):
            status, body = 304, b""
        return Answer(status, headers, body)

    return view


def finish(response: Response) -> Response:
    """Put on every answer, refusals too, what its request is owed: its id, its quota, and a place in the metrics."""
    environ = request.environ
    always = _ALWAYS_BY_HTTPS if environ["wsgi.url_scheme"] == "https" else _ALWAYS
    owed = (("X-Request-Id", present_request_id(environ)), *environ.get(_LIMITS, ()))
    if isinstance(response, Answer):
        response.put((*always, *owed))
    else:
        for name, value in always:
            response.headers.setdefault(name, value)
        response.headers.update(owed)
    if (count := environ.get(_COUNT)) is not None:
        count(response.status_code, time.perf_counter() - environ[_STARTED])
    return response


def _caller(edge: Edge, channel: Channel, http: Request) -> Caller:
    environ = http.environ
    request_id = present_request_id(environ)
    caller = edge.authenticate(environ.get("HTTP_AUTHORIZATION"), channel, http.remote_addr or "", request_id)
    if (trace := environ.get("HTTP_TRACEPARENT", "")) and _TRACEPARENT.fullmatch(trace):
        caller = replace(caller, trace=trace)
    if (purpose := environ.get("HTTP_KOPRU_PURPOSE")) is not None:
        caller = replace(caller, purpose=_known_purpose(purpose))
    return caller


def _known_purpose(said: str) -> str:
    if said not in PURPOSES:
        raise BadRequest(f"Kopru-Purpose is one of {', '.join(PURPOSES)}.")
    return said


def _require_scope(operation: Operation, caller: Caller) -> None:
    if operation.scope not in caller.scopes and caller.scopes.isdisjoint(operation.or_scopes):
        raise InsufficientScope(
            f"Scope {' or '.join(operation.scopes)} is needed.",
            headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{operation.scope}"'},
        )


def _spend(edge: Edge, caller: Caller, environ: dict[str, Any]) -> None:
    requests, seconds = caller.quota or edge.settings.rate_limit
    # One app serves every customer: its bucket would let one of them shut out all the others.
    bucket = caller.key if caller.channel is Channel.INTERNET else caller.client_id
    allowance = edge.limiter.spend(bucket, requests, seconds)
    environ[_LIMITS] = (
        ("RateLimit", f'"default";r={allowance.remaining};t={seconds}'),
        ("RateLimit-Policy", f'"default";q={requests};w={seconds}'),
    )
    if not allowance.allowed:
        raise TooManyRequests(headers={"Retry-After": str(allowance.retry_seconds)})


def _read_body(operation: Operation, http: Request) -> bytes:
    if operation.method not in ("POST", "PATCH", "PUT"):
        return b""
    _refuse_encoded(http)
    raw = http.get_data(cache=False)
    if len(raw) >= MOST_BODY_BYTES and http.content_length is None:
        raise BodyTooLarge  # chunked: the framework cuts at the limit where it refuses a declared length
    if operation.is_body_optional and not raw:
        return b"{}"
    if operation.body is not None and http.mimetype not in _JSON_TYPES:
        raise UnsupportedMediaType
    if operation.body is None and raw.strip() not in (b"", b"{}"):
        raise Invalid("This takes no body.")
    return raw


def _take_file(call: Call, upload: Upload, http: Request) -> bytes:
    """Have the call read its file; answers what stands for the body where an idempotency key is compared."""
    _refuse_encoded(http)
    call.file, call.media_type = uploads.file_of(upload, call.settings, http), http.mimetype
    digest = uploads.digest_of(call.file)
    call.body = uploads.body_of(upload, call)
    return call.media_type.encode() + digest


def _refuse_encoded(http: Request) -> None:
    if http.environ.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise UnsupportedMediaType("Send the body without Content-Encoding.")


def _load_body(operation: Operation, caller: Caller, raw: bytes) -> Any:
    shape = operation.shape(operation.body, caller.channel)
    allowed = frozenset(operation.fields_of(caller)) if operation.fields_of else None
    value = parse_json(raw)
    if not isinstance(value, dict):
        raise Invalid(errors=[{"pointer": "", "code": "invalid", "message": "A JSON object is wanted."}])
    return load(shape, value, allowed, is_patch=operation.method == "PATCH")


def _attempt(operation: Operation, caller: Caller, raw: bytes, http: Request) -> idempotency.Attempt | None:
    key = http.environ.get("HTTP_IDEMPOTENCY_KEY")
    if operation.method != "POST" or key is None:
        return None
    asked = f"{http.path}?{query}" if (query := http.query_string.decode()) else http.path
    return idempotency.attempt_of(caller, key, operation.method, asked, raw)


def _is_known(operation: Operation, etag: str | None) -> bool:
    """Whether the caller has this very answer already (RFC 9110 section 13.1.2, weak comparison)."""
    return etag is not None and operation.method == "GET" and request.if_none_match.contains_weak(etag.strip('"'))


def _marked(headers: dict[str, str], body: bytes) -> dict[str, str]:
    """The headers, with an ETag that is another one for another body.

    The version alone would stand while an agreement, a nested record or a link's health changes what is shown.
    """
    version = headers.get("ETag")
    return headers if version is None else headers | {"ETag": f'{version[:-1]}-{crc32(body):08x}"'}


def _answer(
    call: Call, attempt: idempotency.Attempt | None, path: dict[str, Any]
) -> tuple[int, dict[str, str], bytes | Stream]:
    for tries_left in reversed(range(_MOST_TRIES)):
        try:
            return _answer_once(call, attempt, path)
        except (*_PASSING, exc.DBAPIError) as error:
            cause = error.orig if isinstance(error, exc.DBAPIError) else error
            if not tries_left or not isinstance(cause, _PASSING):
                raise
    raise AssertionError("unreachable")


def _answer_once(
    call: Call, attempt: idempotency.Attempt | None, path: dict[str, Any]
) -> tuple[int, dict[str, str], bytes | Stream]:
    with transaction(call.caller) as tx:
        call.tx = tx
        if attempt is not None and (stored := idempotency.recall(tx, attempt)) is not None:
            return stored.status, {**stored.headers, "Idempotent-Replayed": "true"}, stored.body
        answer = call.operation.handler(call, **path)
        reply = call.list_reply(answer) if isinstance(answer, Page) else answer
        if reply.stream is not None:
            return reply.status, reply.headers, reply.stream
        body = b"" if reply.data is None else write_json(reply.data)
        headers = _marked(reply.headers, body)
        if attempt is not None:
            idempotency.keep(tx, attempt, idempotency.StoredAnswer(reply.status, headers, body))
        return reply.status, headers, body


def present_request_id(environ: dict[str, Any] | None = None) -> str:
    """The id of the request being answered: the caller's own X-Request-Id where it is usable, else a new one."""
    environ = request.environ if environ is None else environ
    known = environ.get(_ID)
    if known is None:
        asked = environ.get("HTTP_X_REQUEST_ID", "")
        known = environ[_ID] = asked if _REQUEST_ID.fullmatch(asked) else secrets.token_hex(12)
    return str(known)


def installation(app: Flask | None = None) -> Settings:
    """The settings of the running application."""
    settings: Settings = (app or current_app).extensions["kopru"]
    return settings
