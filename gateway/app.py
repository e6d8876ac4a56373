"""The web application: `create_app` opens what is needed and mounts every feature on its channels."""

from __future__ import annotations

import logging
import re
from http import HTTPStatus
from typing import Any

import psycopg
from flask import Flask, Response, request
from sqlalchemy import exc
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import UnicodeConverter, UUIDConverter

from gateway import edge, errors, health, process, uploads
from gateway.api_docs import blueprint as api_docs
from gateway.channels import Caller, Channel
from gateway.config import Settings, read_settings
from gateway.consent.opt_in.door import blueprint as consents
from gateway.customers.reads.watching import watched
from gateway.features import FEATURES
from gateway.front import Front
from gateway.json_body import write_json
from gateway.lean_flask import LeanFlask
from gateway.limits import Limiter
from gateway.log import configure_logs
from gateway.oauth import guard
from gateway.oauth.endpoints import blueprint as oauth
from gateway.sync.hooks.door import blueprint as hooks
from gateway.webhooks.endpoints.published import blueprint as webhook_keys

log = logging.getLogger(__name__)
_BY_STATUS: dict[int, type[errors.Problem]] = {
    400: errors.BadRequest,
    404: errors.NotFound,
    413: errors.BodyTooLarge,
    415: errors.UnsupportedMediaType,
}


class _Id(UUIDConverter):
    """A record's id; a malformed one finds no route, which is the same 404 as a record that is not there."""


class _Name(UnicodeConverter):
    """A name in a path; one with a NUL, which no database can hold, finds no route."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.regex = r"[^/\x00]+"


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application; raises BadSetting when the environment is not usable."""
    settings = settings or read_settings()
    configure_logs(settings.log_level)
    process.open_all(settings)
    app = LeanFlask("kopru", static_folder=None)
    app.extensions["kopru"] = settings
    app.config["MAX_CONTENT_LENGTH"] = edge.MOST_BODY_BYTES
    app.url_map.converters |= {"id": _Id, "string": _Name}
    app.url_map.strict_slashes = False
    edge.mount(app, edge.Edge(settings, guard.authenticate, Limiter()), watched(FEATURES))
    for blueprint in (health.blueprint, oauth, api_docs, consents, hooks, webhook_keys):
        app.register_blueprint(blueprint)
    app.register_error_handler(Exception, _as_problem)
    app.after_request(edge.finish)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app


def create_front() -> Front:
    """What the web server runs: the application behind a front that awaits bodies."""
    settings = read_settings()
    app = create_app(settings)

    def authenticate(header: str | None, channel: Channel, address: str, request_id: str) -> Caller:
        with app.app_context():  # the front asks before the application is called
            return guard.authenticate(header, channel, address, request_id)

    room = uploads.room_for(app.extensions["kopru.operations"], settings, authenticate)
    return Front(app, settings.web_threads, edge.MOST_BODY_BYTES, room=room)


def _as_problem(error: Exception) -> Response:
    """RFC 9457 for whatever was raised, the framework's own errors included; never SQL, never a trace."""
    problem = _problem_of(error)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error(
            "request_failed", exc_info=error, extra={"path": request.path, "request_id": edge.present_request_id()}
        )
    body = write_json(problem.as_json(edge.present_request_id()))
    response = Response(body, problem.status, content_type="application/problem+json")
    response.headers.update(problem.headers)
    return response


def _problem_of(error: Exception) -> errors.Problem:
    if isinstance(error, errors.RecordMerged) and request.method == "GET":
        return _moved(error)
    if isinstance(error, errors.Problem):
        return error
    cause: Any = error.orig if isinstance(error, exc.DBAPIError) else error
    if isinstance(cause, psycopg.errors.QueryCanceled):
        return errors.Unavailable("That took too long; ask for less at a time.", headers={"Retry-After": "1"})
    if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return errors.Unavailable("The database does not answer; try again in a moment.", headers={"Retry-After": "2"})
    if isinstance(error, HTTPException):
        return _of_framework(error)
    return errors.Problem()


def _moved(merged: errors.RecordMerged) -> errors.MovedForGood:
    """The same address with the id of what a record has become part of."""
    there = re.sub(str(merged.lost), str(merged.kept), request.full_path.rstrip("?"), flags=re.IGNORECASE)
    return errors.MovedForGood(headers={"Location": there})


def _of_framework(error: HTTPException) -> errors.Problem:
    status = error.code or 500
    if (known := _BY_STATUS.get(status)) is not None:
        return known()
    problem = errors.Problem(error.description or "")
    name = HTTPStatus(status)
    problem.status, problem.code, problem.title = status, name.name.lower(), name.phrase  # type: ignore[misc]
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        problem.headers["Allow"] = ", ".join(sorted(allowed))
    return problem
