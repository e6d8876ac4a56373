"""The settings with which a link leads to another gateway."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from connectors.wire.auth_assertion import read_key
from connectors.wire.inbound import Inbound

GRANTABLE = ("birth_date", "tax_id")
_MOST_ROWS = 200  # a page of the extranet holds no more


def _secret(**options: Any) -> fields.String:
    return fields.String(
        load_only=True,
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=16_384),
        metadata=options,
    )


def inbound_of(secrets: list[str]) -> Mapping[str, Any]:
    """The webhooks of a gateway as `connectors.wire.inbound` takes them; raises ValidationError for bad secrets."""
    loaded: Mapping[str, Any] = Inbound().load({"kind": "standard_webhooks", "secrets": secrets})
    return loaded


class GatewaySettings(Schema):
    """Where the other gateway is, who we are there, and what it grants us. One of `client_secret`, `private_key`."""

    base_url = fields.URL(required=True, schemes={"http", "https"}, require_tld=False)
    issuer = fields.URL(
        load_default=None,
        allow_none=True,
        schemes={"http", "https"},
        require_tld=False,
        metadata={"description": "its public address, where we reach it under another one"},
    )
    name = fields.String(
        required=True,
        validate=validate.Regexp(r"^[a-z0-9][a-z0-9-]{0,39}\Z"),
        metadata={"description": "what we are called there: our references stand in the identifiers kopru-{name}"},
    )
    client_id = fields.String(required=True, validate=validate.Length(min=1, max=200))
    client_secret = _secret(description="where the client is registered with client_secret_basic")
    private_key = _secret(description="PEM, EC P-256, Ed25519 or RSA, where it is registered with private_key_jwt")
    granted = fields.List(
        fields.String(validate=validate.OneOf(GRANTABLE)),
        load_default=list,
        metadata={"description": "what its agreement with us grants, besides what every partner sees"},
    )
    webhook_secrets = fields.List(
        fields.String(),
        load_only=True,
        load_default=list,
        validate=validate.Length(max=5),
        metadata={"description": "whsec_… of its endpoint that calls this link's hook; none: polling alone"},
    )
    page_size = fields.Integer(load_default=_MOST_ROWS, validate=validate.Range(1, _MOST_ROWS))
    overlap_seconds = fields.Float(load_default=60.0, validate=validate.Range(0, 604_800))

    @validates_schema(skip_on_field_errors=True)
    def proves_itself(self, data: Mapping[str, Any], **_: Any) -> None:
        """One proof of who we are, and one that can be used."""
        if bool(data["client_secret"]) == bool(data["private_key"]):
            raise ValidationError({"client_secret": ["Either this or private_key."]})
        if data["private_key"]:
            try:
                read_key(data["private_key"])
            except ValueError:
                message = "A private key in PEM: EC P-256, Ed25519 or RSA."
                raise ValidationError({"private_key": [message]}) from None

    @validates_schema(skip_on_field_errors=True)
    def can_verify(self, data: Mapping[str, Any], **_: Any) -> None:
        """Secrets of the form that gateways give out."""
        if data["webhook_secrets"]:
            try:
                inbound_of(data["webhook_secrets"])
            except ValidationError as wrong:
                raise ValidationError({"webhook_secrets": wrong.messages_dict["secrets"]}) from None
