"""Making the answer of the token endpoint: an access token, its record, and a refresh token where one is due."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from authlib.oauth2 import OAuth2Error
from sqlalchemy import bindparam, insert

from gateway.channels import Channel
from gateway.db import Query, new_id, now
from gateway.oauth import keys, standing
from gateway.oauth.keys import LONGEST_TOKEN_SECONDS, Keyring
from gateway.oauth.known import KnownClient, Person
from gateway.oauth.models import IssuedToken
from gateway.oauth.requests import OAuthRequest, parameter
from gateway.oauth.tokens import resource_of, sign

_NAMES = ("id", "client_id", "user_id", "family_id", "grant_type", "scope", "address", "issued_at", "expires_at")
_RECORD = Query(insert(IssuedToken).values({name: bindparam(name) for name in _NAMES}))


class InvalidTarget(OAuth2Error):  # type: ignore[misc]
    """The resource asked for is not the client's (RFC 8707 section 2)."""

    error = "invalid_target"
    description = "resource is to be the one of the client's channel."


def check_resource(request: OAuthRequest, channel: Channel) -> None:
    """Raises InvalidTarget when the request names another resource than the client's channel."""
    resource = parameter(request, "resource")
    if resource and resource != resource_of(request.settings.base_url, channel):
        raise InvalidTarget


def issue(
    request: OAuthRequest,
    client: KnownClient,
    grant_type: str,
    scope: str,
    person: Person | None = None,
    family_id: UUID | None = None,
) -> dict[str, Any]:
    """Sign an access token, record it, and answer what RFC 6749 section 5.1 wants sent."""
    issued_at = now().replace(microsecond=0)
    life = min(request.settings.access_token_seconds, LONGEST_TOKEN_SECONDS)
    expires_at = issued_at + timedelta(seconds=life)
    jti = new_id()
    claims: dict[str, Any] = {
        "iss": request.settings.base_url,
        "sub": str(person.id) if person else client.client_id,
        "aud": resource_of(request.settings.base_url, client.channel),
        "client_id": client.client_id,
        "scope": scope,
        "jti": str(jti),
        "iat": int(issued_at.timestamp()),
        "exp": int(expires_at.timestamp()),
    }
    if family_id is not None:
        claims["family"] = str(family_id)
    token = sign(claims, _keyring(request))
    request.tx.run(
        _RECORD,
        id=jti,
        client_id=client.client_id,
        user_id=person.id if person else None,
        family_id=family_id,
        grant_type=grant_type,
        scope=scope,
        address=request.address,
        issued_at=issued_at,
        expires_at=expires_at,
    )
    return {"access_token": token, "token_type": "Bearer", "expires_in": life, "scope": scope}


def _keyring(request: OAuthRequest) -> Keyring:
    if request.known.keyring.signing_key is not None:
        return request.known.keyring
    keys.ensure_first_key(request.tx)
    request.tx.after_commit(standing.expire)
    return keys.load_ring(request.tx)
