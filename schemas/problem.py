"""The one shape of every error: RFC 9457 problem+json."""

from __future__ import annotations

from marshmallow import fields

from schemas.base import Shown


class FieldProblem(Shown):
    """One thing that was wrong, and where."""

    pointer = fields.String(metadata={"description": "JSON pointer (RFC 6901) into the body"})
    parameter = fields.String(metadata={"description": "name of the query parameter or header"})
    code = fields.String(required=True)
    message = fields.String(required=True)


class ProblemDocument(Shown):
    """RFC 9457 problem details."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True)
    detail = fields.String()
    errors = fields.List(fields.Nested(FieldProblem))
    request_id = fields.String(required=True)
