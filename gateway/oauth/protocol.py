"""What every OAuth address does around its work: settings, one transaction, the RFC 6749 error format."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from authlib.oauth2 import OAuth2Error
from flask import Response, request

from gateway.channels import Caller, Channel
from gateway.db import transaction
from gateway.edge import installation, present_request_id
from gateway.errors import Problem, Unavailable
from gateway.json_body import write_json
from gateway.oauth import standing
from gateway.oauth.requests import OAuthRequest, read_form
from gateway.oauth.server import server


class TemporarilyUnavailable(OAuth2Error):  # type: ignore[misc]
    """The database does not answer; nothing was issued."""

    error, status_code = "temporarily_unavailable", 503


def answer(work: Callable[[OAuthRequest], Response]) -> Response:
    """Read the form, do the work in one transaction, and put whatever goes wrong into RFC 6749's JSON."""
    http = request._get_current_object()  # type: ignore[attr-defined]  # the proxy looks it up at every access
    try:
        parameters = read_form(http)
        known = standing.current()
        with transaction(calling()) as tx:
            return work(OAuthRequest(parameters, http, tx, known, installation()))
    except OAuth2Error as error:
        refused: Response = server.handle_error_response(None, error)
        return refused
    except Unavailable as problem:
        return _unavailable(problem)


def calling() -> Caller:
    """The authorization server itself, for the transaction and the audit trail, with where the request came from."""
    return Caller(
        channel=Channel.SYSTEM,
        client_id="system:oauth",
        address=request.remote_addr or "",
        request_id=present_request_id(),
    )


def document(content: dict[str, Any], max_age_seconds: int) -> Response:
    """A public JSON document that pages of any origin may read."""
    headers = {"Cache-Control": f"public, max-age={max_age_seconds}", "Access-Control-Allow-Origin": "*"}
    return Response(write_json(content), 200, headers, content_type="application/json")


def _unavailable(problem: Problem) -> Response:
    response: Response = server.handle_error_response(None, TemporarilyUnavailable())
    response.headers.extend(problem.headers)
    return response
