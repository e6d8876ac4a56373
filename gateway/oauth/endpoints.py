"""The authorization server's addresses for programs; those for people are in `authorize` and `sign_in`."""

from __future__ import annotations

from flask import Blueprint, Response

from gateway.channels import DOORS, Channel
from gateway.edge import installation
from gateway.errors import NotFound
from gateway.oauth import standing
from gateway.oauth.authorize import authorizing
from gateway.oauth.discovery import resource_metadata, server_metadata
from gateway.oauth.keys import JWKS_MAX_AGE_SECONDS
from gateway.oauth.protocol import answer, document
from gateway.oauth.server import server
from gateway.oauth.sign_in import signing_in

METADATA_MAX_AGE_SECONDS = 3600

blueprint = Blueprint("oauth", __name__)
blueprint.register_blueprint(authorizing)
blueprint.register_blueprint(signing_in)


@blueprint.post("/oauth/token")
def token() -> Response:
    """Exchange a grant for tokens (RFC 6749 section 3.2)."""
    return answer(server.create_token_response)


@blueprint.post("/oauth/revoke")
def revoke() -> Response:
    """End a token (RFC 7009)."""
    return answer(lambda asked: server.create_endpoint_response("revocation", asked))


@blueprint.post("/oauth/introspect")
def introspect() -> Response:
    """Say whether a token is in force, and what it is (RFC 7662)."""
    return answer(lambda asked: server.create_endpoint_response("introspection", asked))


@blueprint.get("/oauth/jwks")
def jwks() -> Response:
    """The keys that verify our tokens, the next one included (RFC 7517)."""
    return document(standing.current().keyring.jwks(), JWKS_MAX_AGE_SECONDS)


@blueprint.get("/.well-known/oauth-authorization-server")
@blueprint.get("/.well-known/openid-configuration")
def metadata() -> Response:
    """The authorization server's metadata (RFC 8414)."""
    return document(server_metadata(installation().base_url), METADATA_MAX_AGE_SECONDS)


@blueprint.get("/.well-known/oauth-protected-resource/<channel>")
def protected_resource(channel: str) -> Response:
    """One channel as a protected resource (RFC 9728); raises NotFound for what is no channel."""
    if channel not in [door.value for door in DOORS]:
        raise NotFound
    return document(resource_metadata(installation().base_url, Channel(channel)), METADATA_MAX_AGE_SECONDS)
