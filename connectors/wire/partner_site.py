"""A partner's site as `SiteSettings` describe it, ready to be called."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.http import Answer, Http, Limits, Site
from connectors.wire import tls
from connectors.wire.auth import Auth, QueryKey
from connectors.wire.auth_oauth import ClientCredentials
from connectors.wire.auth_signing import Signing

_TOKEN_REFUSED = (400, 401, 403)


def enter(settings: Mapping[str, Any], http: Http) -> Site:
    """The site, with the proof of who we are on every request."""
    certificates = settings.get("tls")
    context = tls.context(**certificates) if certificates else None
    limits = replace(http.limits, **settings["limits"])
    secrets = [settings[name] for name in ("api_key", "password", "token") if settings.get(name)]
    return http.site(
        settings["base_url"],
        {**settings["headers"], **_auth_headers(settings)},
        secrets,
        auth=_auth(settings, http, limits),
        tls=context,
        limits=limits,
    )


def _auth_headers(settings: Mapping[str, Any]) -> dict[str, str]:
    if settings["auth"] == "api_key" and settings["api_key_parameter"] is None:
        return {settings["api_key_header"]: settings["api_key"]}
    if settings["auth"] == "bearer":
        return {"Authorization": f"Bearer {settings['token']}"}
    if settings["auth"] == "basic":
        pair = f"{settings['username']}:{settings['password']}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    return {}


def _auth(settings: Mapping[str, Any], http: Http, limits: Limits) -> Auth | None:
    if settings["auth"] == "api_key" and settings["api_key_parameter"]:
        return QueryKey(settings["api_key_parameter"], settings["api_key"])
    if settings["auth"] == "hmac":
        return Signing(settings["signing"])
    if settings["auth"] == "oauth":
        return _client_credentials(settings["oauth"], http, limits)
    return None


def _client_credentials(oauth: Mapping[str, Any], http: Http, limits: Limits) -> Auth:
    """Tokens from an endpoint that may stand on a host of its own."""
    site = http.site(oauth["token_url"], secrets=[oauth["client_secret"]], limits=limits)

    def ask(form: bytes, headers: Mapping[str, str]) -> Answer:
        return site.request(
            "POST", oauth["token_url"], content=form, headers=headers, accept=_TOKEN_REFUSED, reads=True
        )

    return ClientCredentials(oauth, ask)
