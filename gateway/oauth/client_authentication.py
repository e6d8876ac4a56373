"""How a client proves who it is: by a secret in the header, by a signed assertion, or not at all if it is public."""

from __future__ import annotations

import base64
import binascii
import time
from typing import Any, TypeGuard
from urllib.parse import unquote_plus

import orjson
from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError
from joserfc import jws
from joserfc.errors import JoseError
from sqlalchemy import text

from gateway.db import Query
from gateway.oauth.client_keys import ALGORITHMS, is_signed_by
from gateway.oauth.known import KnownClient
from gateway.oauth.requests import OAuthRequest, parameter
from gateway.vault import fingerprint

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_ASSERTION_SECONDS = 300
_CLOCK_SKEW_SECONDS = 30
_USE_ONCE = Query(
    text(
        """
        INSERT INTO assertion_ids (client_id, mark, expires_at)
        VALUES (:client_id, :mark, to_timestamp(:expires_at)) ON CONFLICT DO NOTHING
        """
    )
)


class ClientRefused(InvalidClientError):  # type: ignore[misc]
    """Client authentication failed (RFC 6749 section 5.2); says as little as helps an honest developer."""

    status_code = 401

    def get_headers(self) -> list[tuple[str, str]]:
        """Authlib's headers, with a complete challenge (RFC 7617 wants a realm)."""
        headers = [header for header in super().get_headers() if header[0] != "WWW-Authenticate"]
        return [*headers, ("WWW-Authenticate", 'Basic realm="kopru", charset="UTF-8"')]


def authenticate_client(request: OAuthRequest) -> KnownClient:
    """The client that asks; raises ClientRefused, or InvalidRequestError where it tries two ways at once."""
    header = request.headers.get("Authorization", "")
    assertion = parameter(request, "client_assertion")
    if header and (assertion or parameter(request, "client_assertion_type")):
        raise InvalidRequestError("Use one way of client authentication, not two.")
    if header:
        client = _by_secret(request, header)
    elif assertion:
        client = _by_assertion(request, assertion)
    else:
        client = _by_name(request)
    if parameter(request, "client_id") not in ("", client.client_id):
        raise InvalidRequestError("client_id is not the client that authenticated.")
    request.auth_method = client.auth_method
    return client


def _by_secret(request: OAuthRequest, header: str) -> KnownClient:
    client_id, secret = _read_basic(header)
    client = request.known.client(client_id, request.tx)
    if client is None or client.auth_method != "client_secret_basic":
        raise ClientRefused("The client or its secret is not right.")
    if not client.check_client_secret(secret):
        # It may have been rotated in another process within the seconds for which a client is remembered.
        client = request.known.reload_client(client_id, request.tx)
        if client is None or not client.check_client_secret(secret):
            raise ClientRefused("The client or its secret is not right.")
    return client


def _read_basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise ClientRefused("Clients authenticate with Basic, an assertion, or client_id alone.")
    try:
        client_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        client_id, secret = unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict")
    except (binascii.Error, ValueError):
        raise ClientRefused("The Authorization header cannot be read.") from None
    if not colon or not _is_plain(client_id):
        raise ClientRefused("The client or its secret is not right.")
    return client_id, secret


def _by_name(request: OAuthRequest) -> KnownClient:
    client_id = parameter(request, "client_id")
    client = request.known.client(client_id, request.tx) if _is_plain(client_id) else None
    if client is None or client.is_confidential or parameter(request, "client_secret"):
        raise ClientRefused("Client authentication is needed.")
    return client


def _by_assertion(request: OAuthRequest, assertion: str) -> KnownClient:
    if parameter(request, "client_assertion_type") != ASSERTION_TYPE:
        raise ClientRefused("client_assertion_type is not the one of RFC 7523.")
    header, claims = _peek(assertion)
    client_id = claims.get("sub")
    client = request.known.client(client_id, request.tx) if _is_plain(client_id) else None
    if client is None or client.auth_method != "private_key_jwt":
        raise ClientRefused("The client or its assertion is not right.")
    _check_signature(assertion, header, client)
    _check_claims(claims, client, request)
    _use_once(claims, client, request)
    return client


def _peek(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        unverified = jws.extract_compact(assertion.encode("ascii"))
        claims = orjson.loads(unverified.payload)
    except (JoseError, ValueError):
        raise ClientRefused("The assertion is not a signed JWT.") from None
    if not isinstance(claims, dict):
        raise ClientRefused("The assertion is not a signed JWT.")
    return dict(unverified.headers()), claims


def _check_signature(assertion: str, header: dict[str, Any], client: KnownClient) -> None:
    if header.get("alg") not in ALGORITHMS:
        raise ClientRefused(f"The assertion is not signed with {', '.join(ALGORITHMS)}.")
    if not is_signed_by(assertion, header, client.jwks):
        raise ClientRefused("No registered key of the client fits the assertion.")


def _check_claims(claims: dict[str, Any], client: KnownClient, request: OAuthRequest) -> None:
    base_url = request.settings.base_url
    if claims.get("iss") != client.client_id:
        raise ClientRefused("iss and sub are to be the client_id.")
    if claims.get("aud") not in (base_url, f"{base_url}/oauth/token") or not isinstance(claims["aud"], str):
        raise ClientRefused("aud is to be the issuer or the token endpoint, as one string.")
    _check_times(claims, time.time())
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= 512:
        raise ClientRefused("jti is missing.")


def _check_times(claims: dict[str, Any], at: float) -> None:
    for name in ("nbf", "iat"):
        if name in claims and (not _is_time(claims[name]) or claims[name] > at + _CLOCK_SKEW_SECONDS):
            raise ClientRefused(f"{name} is in the future.")
    expires_at = claims.get("exp")
    if not _is_time(expires_at) or expires_at <= at - _CLOCK_SKEW_SECONDS:
        raise ClientRefused("The assertion has expired, or has no exp.")
    if expires_at > claims.get("iat", at) + LONGEST_ASSERTION_SECONDS:
        raise ClientRefused(f"The assertion lives longer than {LONGEST_ASSERTION_SECONDS} seconds.")


def _use_once(claims: dict[str, Any], client: KnownClient, request: OAuthRequest) -> None:
    fresh = request.tx.run(
        _USE_ONCE,
        client_id=client.client_id,
        mark=fingerprint(claims["jti"], "assertion"),
        expires_at=float(claims["exp"]) + _CLOCK_SKEW_SECONDS,
    )
    if not fresh:
        raise ClientRefused("jti was used before.")


def _is_time(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e11


def _is_plain(client_id: Any) -> TypeGuard[str]:
    return isinstance(client_id, str) and 0 < len(client_id) <= 100 and client_id.isascii() and client_id.isprintable()
