"""Access tokens: RFC 9068 `at+jwt`, signed with ES256 under a published key, for exactly one channel."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.util import urlsafe_b64encode

from gateway.channels import Channel
from gateway.oauth.keys import ALGORITHM, Keyring

TYPE = "at+jwt"
_ES256 = jws.JWSRegistry.algorithms[ALGORITHM]
_LONGEST_TOKEN = 4096
_CLOCK_SKEW_SECONDS = 5


class TokenRefused(Exception):
    """Not a token of ours that is in force; the message is safe to show."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a verified token says. `family_id` names the authorization it descends from, where a person gave one."""

    jti: str
    kid: str
    issuer: str
    client_id: str
    user_id: UUID | None
    family_id: str
    audience: str
    scopes: frozenset[str]
    issued_at: int
    expires_at: int

    def revocable_as(self) -> tuple[str, str]:
        """The subjects under which this token may stand in the list of revocations."""
        return f"jti:{self.jti}", f"family:{self.family_id}"


def resource_of(base_url: str, channel: Channel) -> str:
    """The resource (RFC 8707), and so the audience, of one channel."""
    return f"{base_url}/{channel.value}/v1"


def sign(claims: Mapping[str, Any], keyring: Keyring) -> str:
    """Sign the claims under the active key."""
    if keyring.signing_key is None:
        raise RuntimeError("there is no signing key: run `kopru migrate` or `kopru keys rotate`")
    # joserfc's own signer, without the checks of header and key that serialize_compact repeats for every token.
    signed = _header(keyring.signing_kid) + b"." + urlsafe_b64encode(orjson.dumps(claims))
    return (signed + b"." + urlsafe_b64encode(_ES256.sign(signed, keyring.signing_key))).decode("ascii")


@lru_cache(maxsize=8)
def _header(kid: str) -> bytes:
    return urlsafe_b64encode(orjson.dumps({"typ": TYPE, "alg": ALGORITHM, "kid": kid}))


def kid_of(token: str) -> str:
    """The key a token names, before anything is verified; raises TokenRefused unless it looks like one of ours."""
    if len(token) > _LONGEST_TOKEN or token.count(".") != 2:
        raise TokenRefused("The access token is malformed.")
    try:
        header = jws.extract_compact(token.encode("ascii")).headers()
    except (JoseError, ValueError):
        raise TokenRefused("The access token is malformed.") from None
    kid = header.get("kid")
    if header.get("typ") != TYPE or header.get("alg") != ALGORITHM or not isinstance(kid, str):
        raise TokenRefused("The access token is not an at+jwt of this server.")
    return kid


def verify(token: str, key: ECKey, kid: str, issuer: str) -> AccessToken:
    """The token's content, once signature, issuer and times are right; raises TokenRefused saying what is not."""
    try:
        claims = orjson.loads(jws.deserialize_compact(token, key, algorithms=[ALGORITHM]).payload)
    except (JoseError, ValueError):
        raise TokenRefused("The signature of the access token does not fit.") from None
    if not isinstance(claims, dict) or claims.get("iss") != issuer:
        raise TokenRefused("The access token was issued by somebody else.")
    if "cnf" in claims:
        # No proof of possession is checked yet, so a bound token must not pass as a plain one (RFC 9449 section 7.2).
        raise TokenRefused("The access token is bound to a key and cannot be used as a bearer token.")
    return _read(claims, kid)


def check_times(token: AccessToken, at: float) -> None:
    """Raises TokenRefused when the token has expired or is not valid yet at that moment (seconds since 1970)."""
    if token.expires_at <= at:
        raise TokenRefused("The access token has expired.")
    if token.issued_at > at + _CLOCK_SKEW_SECONDS:
        raise TokenRefused("The access token is not valid yet.")


def _read(claims: dict[str, Any], kid: str) -> AccessToken:
    try:
        token = AccessToken(
            jti=claims["jti"],
            kid=kid,
            issuer=claims["iss"],
            client_id=claims["client_id"],
            user_id=None if claims["sub"] == claims["client_id"] else UUID(claims["sub"]),
            family_id=claims.get("family", ""),
            audience=claims["aud"],
            scopes=frozenset(claims["scope"].split()),
            issued_at=max(int(claims["iat"]), int(claims.get("nbf", 0))),
            expires_at=int(claims["exp"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise TokenRefused("The access token lacks a claim.") from None
    if not isinstance(token.audience, str):
        raise TokenRefused("The access token is for more than one audience.")
    check_times(token, time.time())
    return token
