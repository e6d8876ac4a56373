"""Where a partner's site is, how it lets us in, and how far we trust it: the settings of all who speak HTTP to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from connectors.wire import auth_settings as auths
from connectors.wire.field_rules import dotted

_NOT_HEADERS = {"authorization", "cookie", "host", "content-length", "transfer-encoding", "connection"}


def _seconds(most: float) -> fields.Float:
    return fields.Float(validate=validate.Range(min=0, min_inclusive=False, max=most))


class LimitSettings(Schema):
    """How long and how large one exchange may be, in seconds and in bytes after decompression; else the house's own."""

    connect_seconds = _seconds(30)
    read_seconds = _seconds(300)
    total_seconds = _seconds(600)
    max_bytes = fields.Integer(strict=True, validate=validate.Range(min=1024, max=128 * 2**20))


class SiteSettings(Schema):
    """One partner's site."""

    base_url = fields.URL(required=True, schemes={"http", "https"}, require_tld=False)
    auth = fields.String(load_default="api_key", validate=validate.OneOf(tuple(auths.NEEDS)))
    api_key_header = auths.header_name(load_default="X-Api-Key")
    api_key_parameter = dotted(
        load_default=None, allow_none=True, metadata={"description": "sends the key in the query, not in a header"}
    )
    api_key = auths.secret()
    username = fields.String()
    password = auths.secret()
    token = auths.secret()
    oauth = fields.Nested(auths.OAuth)
    signing = fields.Nested(auths.SigningSettings)
    tls = fields.Nested(auths.Tls)
    headers = fields.Dict(
        auths.header_name(),
        fields.String(validate=validate.Length(max=1000)),
        load_default=dict,
        metadata={"description": "sent with every request; nothing secret"},
    )
    limits = fields.Nested(LimitSettings, load_default=lambda: LimitSettings().load({}))

    @validates_schema(skip_on_field_errors=True)
    def has_credentials(self, data: Mapping[str, Any], **_: Any) -> None:
        """Each kind of auth needs its own settings."""
        missing = [name for name in auths.NEEDS[data["auth"]] if not data.get(name)]
        if missing:
            raise ValidationError({name: [f"auth is {data['auth']}, which needs it."] for name in missing})

    @validates_schema(skip_on_field_errors=True)
    def has_harmless_headers(self, data: Mapping[str, Any], **_: Any) -> None:
        """Fixed headers are shown to everyone who sees the link, and must not break the framing of requests."""
        wrong = [name for name in data["headers"] if name.lower() in _NOT_HEADERS]
        if wrong:
            raise ValidationError({"headers": {name: ["Not a header to set here; see `auth`."] for name in wrong}})
