"""The documents a client can configure itself from: RFC 8414, OpenID discovery's address for it, and RFC 9728."""

from __future__ import annotations

from typing import Any

from gateway.channels import Channel
from gateway.oauth.client_keys import ALGORITHMS
from gateway.oauth.scopes import SCOPES, scopes_on
from gateway.oauth.service import AUTH_METHODS, GRANTS
from gateway.oauth.tokens import resource_of

_CONFIDENTIAL = [method for method in AUTH_METHODS if method != "none"]


def server_metadata(base_url: str) -> dict[str, Any]:
    """The authorization server's metadata (RFC 8414 section 2)."""
    return {
        "issuer": base_url,
        "authorization_endpoint": f"{base_url}/oauth/authorize",
        "token_endpoint": f"{base_url}/oauth/token",
        "revocation_endpoint": f"{base_url}/oauth/revoke",
        "introspection_endpoint": f"{base_url}/oauth/introspect",
        "jwks_uri": f"{base_url}/oauth/jwks",
        "scopes_supported": sorted(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": sorted(GRANTS),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "revocation_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "revocation_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "introspection_endpoint_auth_methods_supported": _CONFIDENTIAL,
        "introspection_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "ui_locales_supported": ["tr", "en"],
    }


def resource_metadata(base_url: str, channel: Channel) -> dict[str, Any]:
    """One channel as a protected resource (RFC 9728 section 2)."""
    return {
        "resource": resource_of(base_url, channel),
        "authorization_servers": [base_url],
        "scopes_supported": sorted(scopes_on(channel)),
        "bearer_methods_supported": ["header"],
        "resource_name": f"Köprü {channel.value}",
        "resource_documentation": f"{base_url}/{channel.value}/docs",
    }
