"""Webhook endpoints on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from schemas.base import Schema, Text

STATUSES = ("active", "disabled")
PAYLOADS = ("full", "thin")
CIRCUITS = ("closed", "open", "probing")
SIGNATURES = ("v1", "v1a")
_WEEK_SECONDS = 7 * 24 * 3600
_OF_TYPE = {"oauth2": ("token_url", "client_id", "client_secret"), "mtls": ("certificate", "key")}
_BESIDE = {"oauth2": ("scope", "audience"), "mtls": ()}


class AccessInput(Schema):
    """How we get in at an endpoint: with an OAuth 2 token of the client-credentials grant, or a client certificate."""

    type = fields.String(required=True, validate=validate.OneOf(tuple(_OF_TYPE)))
    token_url = Text(2000, metadata={"format": "uri", "description": "oauth2: where we ask for a token"})
    client_id = Text(500, metadata={"description": "oauth2"})
    client_secret = Text(2000, load_only=True, metadata={"description": "oauth2; never shown again"})
    scope = Text(1000, metadata={"description": "oauth2, where the receiver wants one"})
    audience = Text(1000, metadata={"description": "oauth2, where the receiver wants one"})
    certificate = Text(20_000, load_only=True, metadata={"description": "mtls: PEM, the chain behind it"})
    key = Text(20_000, load_only=True, metadata={"description": "mtls: PEM, not encrypted; never shown again"})

    @validates_schema(skip_on_field_errors=True)
    def check_type(self, data: dict[str, Any], **_: Any) -> None:
        """Each type wants its own fields and no others."""
        wanted = _OF_TYPE.get(data.get("type", ""), ("type",))
        errors = {name: ["Missing data for required field."] for name in wanted if name not in data}
        known = {"type", *wanted, *_BESIDE.get(data.get("type", ""), ())}
        errors |= {name: [f"Not with {data.get('type')}."] for name in data if name not in known}
        if errors:
            raise ValidationError(errors)


def _unlike(values: list[str]) -> None:
    if len(set(values)) != len(values):
        raise ValidationError("Each once.")


class Wishes(Schema):
    """What an owner may wish of an endpoint, from the start or later."""

    description = Text(500, 0)
    payload = fields.String(
        validate=validate.OneOf(PAYLOADS), metadata={"description": "`thin` tells what happened to which record alone"}
    )
    filters = fields.List(
        fields.Dict(),
        metadata={
            "description": "conditions on `data` as you see it; all must hold",
            "example": [{"field": "status", "is": ["active"]}],
        },
    )
    rate_per_minute = fields.Integer(strict=True, allow_none=True, validate=validate.Range(1, 60_000))
    ordered = fields.Boolean(
        attribute="is_ordered", metadata={"description": "the next event of a customer waits for the one before"}
    )
    retry_delays = fields.List(
        fields.Integer(strict=True, validate=validate.Range(1, _WEEK_SECONDS)),
        allow_none=True,
        validate=validate.Length(1, 20),
        metadata={"description": "seconds until each next try, instead of the usual schedule", "example": [5, 60, 600]},
    )
    hold_hours = fields.Integer(
        strict=True,
        validate=validate.Range(0, 336),
        metadata={"description": "how long events are kept for an endpoint that is disabled"},
    )
    signatures = fields.List(
        fields.String(validate=validate.OneOf(SIGNATURES)),
        validate=[validate.Length(min=1), _unlike],
        metadata={"description": "`v1`: HMAC under a shared secret; `v1a`: Ed25519, our keys being published"},
    )
    headers = fields.Dict(
        allow_none=True,
        metadata={
            "description": "sent with every message; values are never shown again; null removes",
            "example": {"X-Api-Key": "…"},
        },
    )
    auth = fields.Nested(AccessInput, allow_none=True, metadata={"description": "replaced as a whole; null removes"})


_ADDRESS = {"example": "https://bayi.example/kopru", "format": "uri"}
_TYPES = {"description": "exact types, `customer.*`, or `*`", "example": ["customer.*"]}


class EndpointInput(Wishes):
    """What may be written of a new endpoint; `secret` is for those who bring their own."""

    url = Text(2000, required=True, metadata=_ADDRESS)
    event_types = fields.List(Text(100), required=True, validate=validate.Length(1, 50), metadata=_TYPES)
    secret = Text(200, load_only=True, metadata={"description": "`whsec_` and base64 of 24 to 64 bytes"})


class EndpointPatch(Wishes):
    """What may be changed of an endpoint; `status` switches deliveries off and on again."""

    url = Text(2000, metadata=_ADDRESS)
    event_types = fields.List(Text(100), validate=validate.Length(1, 50), metadata=_TYPES)
    status = fields.String(validate=validate.OneOf(STATUSES))


class RotateInput(Schema):
    """How a key is replaced; nothing at all means a new one of the endpoint's kind, and a day for both."""

    overlap_hours = fields.Integer(
        strict=True,
        load_default=24,
        validate=validate.Range(0, 168),
        metadata={"description": "how long the key before signs too; 0 ends it at once"},
    )
    kind = fields.String(validate=validate.OneOf(SIGNATURES))
    secret = Text(200, load_only=True, metadata={"description": "`v1` alone: a secret of your own"})


class Access(Schema):
    """How we get in, without what is secret of it."""

    type = fields.String(required=True, validate=validate.OneOf(tuple(_OF_TYPE)))
    token_url = fields.String()
    client_id = fields.String()
    scope = fields.String()
    audience = fields.String()
    subject = fields.String(metadata={"description": "whom the certificate names"})
    fingerprint = fields.String(metadata={"description": "SHA-256 of the certificate, hex"})
    expires_at = fields.AwareDateTime(metadata={"description": "when the certificate ends"})


class Endpoint(Schema):
    """An endpoint as its owner sees it; no secret is ever among it."""

    id = fields.UUID(required=True)
    url = fields.String(required=True)
    event_types = fields.List(fields.String(), required=True)
    description = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    disabled_reason = fields.String(required=True, allow_none=True)
    disabled_at = fields.AwareDateTime(required=True, allow_none=True)
    payload = fields.String(required=True, validate=validate.OneOf(PAYLOADS))
    filters = fields.List(fields.Dict(), required=True)
    rate_per_minute = fields.Integer(required=True, allow_none=True)
    ordered = fields.Boolean(required=True, attribute="is_ordered")
    retry_delays = fields.List(fields.Integer(), required=True, allow_none=True)
    hold_hours = fields.Integer(required=True)
    signatures = fields.List(fields.String(), required=True)
    headers = fields.List(fields.String(), required=True, metadata={"description": "their names"})
    auth = fields.Nested(Access, required=True, allow_none=True)
    public_keys_url = fields.String(
        required=True, allow_none=True, metadata={"description": "where the keys stand that verify `v1a`"}
    )
    old_secret_until = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "until then a key before the last rotation signs too"}
    )
    circuit = fields.String(
        required=True,
        validate=validate.OneOf(CIRCUITS),
        metadata={"description": "`open`: it failed too often and is left alone for a while"},
    )
    failing_since = fields.AwareDateTime(required=True, allow_none=True)
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)


class InternalEndpoint(Endpoint):
    """An endpoint as the intranet sees it: whose it is."""

    channel = fields.String(required=True, validate=validate.OneOf(("internet", "extranet", "intranet")))
    partner = fields.String(
        required=True, allow_none=True, metadata={"description": "code of the partner it belongs to"}
    )
    customer_id = fields.UUID(required=True, allow_none=True)


_SECRET = {"description": "the `v1` secret, shown this once; null where there is none", "example": "whsec_…"}


class NewEndpoint(Endpoint):
    """An endpoint with its new secret, in the one answer that shows it."""

    secret = fields.String(required=True, allow_none=True, metadata=_SECRET)


class NewInternalEndpoint(InternalEndpoint):
    """The same as the intranet sees it."""

    secret = fields.String(required=True, allow_none=True, metadata=_SECRET)
