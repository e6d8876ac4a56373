"""What goes wrong, named by situation; each carries the problem+json (RFC 9457) the caller will read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

FieldError = dict[str, str]
MOST_ERRORS = 100  # of a body, named in one answer: one of 1 MiB can hold a hundred thousand


class Problem(Exception):
    """A refusal with a status, a stable code and a sentence; `errors` point at what was wrong.

    `errors` holds `{"pointer": "/contact_points/0/value", "code", "message"}` for bodies and
    `{"parameter": "limit", "code", "message"}` for queries.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Something went wrong on our side"

    def __init__(
        self, detail: str = "", *, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})

    def as_json(self, request_id: str) -> dict[str, Any]:
        """The RFC 9457 body: `type` is a stable URN of the code."""
        body: dict[str, Any] = {
            "type": f"urn:kopru:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
        }
        if self.detail:
            body["detail"] = self.detail
        if self.errors:
            body["errors"] = self.errors[:MOST_ERRORS]
        body["request_id"] = request_id
        return body


class BadRequest(Problem):
    """The request cannot be read: query, JSON or headers."""

    status, code, title = 400, "bad_request", "The request cannot be read"


class InvalidToken(Problem):
    """No usable access token (RFC 6750 section 3.1)."""

    status, code, title = 401, "invalid_token", "A valid access token for this channel is needed"


class InsufficientScope(Problem):
    """The token lacks the scope (RFC 6750 section 3.1)."""

    status, code, title = 403, "insufficient_scope", "The access token does not carry the scope this needs"


class Forbidden(Problem):
    """The role does not allow it, and saying so reveals nothing."""

    status, code, title = 403, "forbidden", "Your role does not allow this"


class NotFound(Problem):
    """There is no such record, or none this caller may see: the two are one answer."""

    status, code, title = 404, "not_found", "There is no such record"


class RequestTimeout(Problem):
    """The body did not come in time (RFC 9110 section 15.5.9)."""

    status, code, title = 408, "request_timeout", "The body did not come whole within 20 seconds"


class Conflict(Problem):
    """The state of the record does not allow it now."""

    status, code, title = 409, "conflict", "That conflicts with the present state"


class MovedForGood(Problem):
    """What is asked for has another address, in `Location` (RFC 9110 section 15.4.9)."""

    status, code, title = 308, "moved", "This customer was merged into another one; follow Location"


class RecordMerged(Conflict):
    """A write to a record that has become part of another one, which the caller may see; a read is sent there."""

    code, title = "customer_merged", "This customer was merged into another one"

    def __init__(self, lost: UUID, kept: UUID) -> None:
        super().__init__(f"Write to {kept} instead: it has become one with {lost}.")
        self.lost, self.kept = lost, kept


class PreconditionFailed(Problem):
    """If-Match names an older version (RFC 9110 section 13.1.1)."""

    status, code, title = 412, "stale_version", "The record has changed since you read it; read it again"


class BodyTooLarge(Problem):
    """The body is over the limit."""

    status, code, title = 413, "too_large", "The body is larger than this takes"


class UnsupportedMediaType(Problem):
    """The body is not of a type this accepts."""

    status, code, title = 415, "unsupported_media_type", "Send this as application/json"


class Invalid(Problem):
    """The body was read and its content is wrong; `errors` name each field."""

    status, code, title = 422, "invalid", "Some of the content is not right"


class PreconditionRequired(Problem):
    """A change needs If-Match (RFC 6585 section 3)."""

    status, code, title = 428, "if_match_required", "Send If-Match with the ETag you read"


class TooManyRequests(Problem):
    """Over the client's quota (RFC 6585 section 4)."""

    status, code, title = 429, "rate_limited", "Too many requests; wait and try again"


class Unavailable(Problem):
    """A server we need does not answer; nothing was stored."""

    status, code, title = 503, "unavailable", "The service cannot answer just now; nothing was changed"


def refuse_field(pointer: str, code: str, message: str) -> Invalid:
    """An `Invalid` about one field, by JSON pointer (RFC 6901)."""
    return Invalid(errors=[{"pointer": pointer, "code": code, "message": message}])


def refuse_parameter(parameter: str, code: str, message: str) -> BadRequest:
    """A `BadRequest` about one query parameter."""
    return BadRequest(errors=[{"parameter": parameter, "code": code, "message": message}])
