"""The settings with which a partner lets us in, beyond a fixed key or token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from connectors.wire import auth_signing as signing

NEEDS: dict[str, tuple[str, ...]] = {
    "none": (),
    "api_key": ("api_key",),
    "basic": ("username", "password"),
    "bearer": ("token",),
    "oauth": ("oauth",),
    "hmac": ("signing",),
}


def header_name(**options: Any) -> fields.String:
    """The name of an HTTP header."""
    valid = validate.Regexp(r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,80}\Z", error="The name of a header.")
    return fields.String(validate=valid, **options)


def secret(**options: Any) -> fields.String:
    """A text that is stored encrypted and never shown."""
    return fields.String(load_only=True, validate=validate.Length(min=1, max=8192), **options)


class OAuth(Schema):
    """OAuth 2 client credentials: a token endpoint, which may be on another host, and who we are there."""

    token_url = fields.URL(required=True, schemes={"http", "https"}, require_tld=False)
    client_id = fields.String(required=True, validate=validate.Length(min=1, max=500))
    client_secret = secret(required=True)
    client_auth = fields.String(load_default="basic", validate=validate.OneOf(("basic", "post")))
    scope = fields.String(load_default=None, allow_none=True)
    audience = fields.String(load_default=None, allow_none=True)
    leeway_seconds = fields.Float(load_default=30.0, validate=validate.Range(min=0, max=600))


class SigningSettings(Schema):
    """An HMAC over parts of the request; a header that is null is not sent."""

    key_id = fields.String(load_default=None, allow_none=True, validate=validate.Regexp(r"^[!-~]{1,200}\Z"))
    secret = secret(required=True)
    algorithm = fields.String(load_default="sha256", validate=validate.OneOf(signing.ALGORITHMS))
    encoding = fields.String(load_default="hex", validate=validate.OneOf(tuple(signing.ENCODINGS)))
    signed = fields.List(
        fields.String(validate=validate.OneOf(signing.PARTS)),
        load_default=lambda: ["method", "path", "query", "date", "body_digest"],
        validate=validate.Length(min=1),
        metadata={"description": "the parts, in this order, joined by line feeds"},
    )
    date_as = fields.String(load_default="http", validate=validate.OneOf(tuple(signing.DATES)))
    date_header = header_name(load_default="X-Date", allow_none=True)
    digest_header = header_name(load_default="X-Content-Digest", allow_none=True)
    key_header = header_name(load_default="X-Key-Id", allow_none=True)
    signature_header = header_name(load_default="X-Signature")
    prefix = fields.String(load_default="", validate=validate.Length(max=40), metadata={"example": "HMAC-SHA256 "})

    @validates_schema(skip_on_field_errors=True)
    def is_verifiable(self, data: Mapping[str, Any], **_: Any) -> None:
        """What is signed but cannot be recomputed by the partner has to travel with the request."""
        if "date" in data["signed"] and data["date_header"] is None:
            raise ValidationError({"date_header": ["The date is signed, so it has to be sent."]})
        if data["key_header"] is not None and data["key_id"] is None and "key_id" in data["signed"]:
            raise ValidationError({"key_id": ["It is signed, so it has to be given."]})


class Tls(Schema):
    """Certificates of the partner's own making, as PEM; with `ca` nobody else is trusted for this partner."""

    ca = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=65_536))
    certificate = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=65_536))
    key = fields.String(load_only=True, load_default=None, allow_none=True, validate=validate.Length(max=65_536))

    @validates_schema(skip_on_field_errors=True)
    def is_whole(self, data: Mapping[str, Any], **_: Any) -> None:
        """A certificate of ours comes with its key."""
        if bool(data["certificate"]) != bool(data["key"]):
            raise ValidationError({"key": ["`certificate` and `key` are given together."]})
