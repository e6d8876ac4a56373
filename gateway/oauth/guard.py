"""The guard of every door: turns a bearer token into the caller, and remembers the tokens it has verified."""

from __future__ import annotations

import hashlib
import threading
import time
from typing import Any, NoReturn

from joserfc.jwk import ECKey

from gateway.channels import Caller, Channel
from gateway.config import Settings
from gateway.db import Transaction
from gateway.edge import installation
from gateway.errors import InvalidToken
from gateway.oauth import standing
from gateway.oauth.known import KnownClient, Person
from gateway.oauth.standing import Standing
from gateway.oauth.tokens import AccessToken, TokenRefused, check_times, kid_of, resource_of, verify

_MOST_TOKENS = 20_000
_verified: dict[bytes, AccessToken] = {}
_adding = threading.Lock()


def authenticate(authorization_header: str | None, channel: Channel, address: str = "", request_id: str = "") -> Caller:
    """The caller behind the request; raises InvalidToken (401) with the challenge of RFC 6750 and RFC 9728."""
    settings = installation()
    raw = _bearer(authorization_header)
    if raw is None:
        _refuse("", settings, channel)
    present = standing.current()
    try:
        token = read_token(raw, present, settings.base_url)
        client, person = check_standing(token, present)
        if token.audience != resource_of(settings.base_url, channel) or client.channel is not channel:
            raise TokenRefused("The access token is for another channel.")
    except TokenRefused as refused:
        _refuse(str(refused), settings, channel)
    return _caller(token, client, person, address, request_id)


def read_token(raw: str, present: Standing, issuer: str) -> AccessToken:
    """The token's content: verified now, or before and still in its time; raises TokenRefused."""
    mark = hashlib.sha256(raw.encode("utf-8", "replace")).digest()
    token = _verified.get(mark)
    if token is None:
        kid = kid_of(raw)
        token = verify(raw, _key(kid, present), kid, issuer)
        _remember(mark, token)
    else:
        check_times(token, time.time())
    return token


def check_standing(
    token: AccessToken, present: Standing, tx: Transaction | None = None
) -> tuple[KnownClient, Person | None]:
    """Who stands behind a token; raises TokenRefused where it, its key, its client or its person no longer counts."""
    if not present.revoked.isdisjoint(token.revocable_as()) or token.kid not in present.keyring.public:
        raise TokenRefused("The access token has been revoked.")
    client = present.client(token.client_id, tx)
    if client is None:
        raise TokenRefused("The client of the access token is not active.")
    if token.user_id is None:
        return client, None
    person = present.person(token.user_id, tx)
    if person is None or not person.may_use(client) or token.issued_at < person.not_before:
        raise TokenRefused("The person of the access token has to sign in again.")
    return client, person


def forget_tokens() -> None:
    """Drop the memory of verified tokens, such as after the keys were replaced by others."""
    with _adding:
        _verified.clear()


def _bearer(header: str | None) -> str | None:
    scheme, _, token = (header or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _key(kid: str, present: Standing) -> ECKey:
    key = present.keyring.public.get(kid)
    if key is None:
        raise TokenRefused("The access token is signed with a key that is not in force.")
    return key


def _remember(mark: bytes, token: AccessToken) -> None:
    with _adding:
        while len(_verified) >= _MOST_TOKENS:
            del _verified[next(iter(_verified))]
        _verified[mark] = token


def _caller(token: AccessToken, client: KnownClient, person: Person | None, address: str, request_id: str) -> Caller:
    scopes = token.scopes & client.scopes
    who: dict[str, Any] = {}
    if person is not None:
        scopes &= person.scopes
        who = {
            "user_id": person.id,
            "username": person.username,
            "role": person.role,
            "customer_id": person.customer_id,
        }
    return Caller(
        channel=client.channel,
        client_id=client.client_id,
        scopes=scopes,
        partner_id=client.partner_id,
        partner=client.partner,
        granted_fields=client.granted_fields,
        quota=client.quota,
        address=address,
        request_id=request_id,
        **who,
    )


def _refuse(detail: str, settings: Settings, channel: Channel) -> NoReturn:
    metadata = f'resource_metadata="{settings.base_url}/.well-known/oauth-protected-resource/{channel.value}"'
    error = f'error="invalid_token", error_description="{detail}", ' if detail else ""
    raise InvalidToken(detail, headers={"WWW-Authenticate": f"Bearer {error}{metadata}"})
