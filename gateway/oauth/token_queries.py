"""Questions about a token: end it (RFC 7009), or say what it is (RFC 7662)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError, UnauthorizedClientError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from gateway import audit
from gateway.oauth import families
from gateway.oauth.families import RefreshTicket
from gateway.oauth.guard import check_standing, read_token
from gateway.oauth.known import KnownClient, Person
from gateway.oauth.requests import OAuthRequest, parameter
from gateway.oauth.revocations import revoke_family, revoke_token
from gateway.oauth.tokens import AccessToken, TokenRefused


@dataclass(frozen=True, slots=True)
class LiveToken:
    """A token in force, with who stands behind it; one that is not in force is not found."""

    content: AccessToken | RefreshTicket
    client: KnownClient
    person: Person | None

    def check_client(self, client: KnownClient) -> bool:
        """Whether it was given to this client (Authlib asks)."""
        return self.client.client_id == client.client_id

    def is_expired(self) -> bool:
        """Never: it was found (Authlib asks)."""
        return False

    def is_revoked(self) -> bool:
        """Never: it was found (Authlib asks)."""
        return False


class Revocation(RevocationEndpoint):  # type: ignore[misc]
    """An access token alone, or a refresh token with everything of its family."""

    def authenticate_token(self, request: OAuthRequest, client: KnownClient) -> LiveToken | None:
        """The client's own token; somebody else's is answered like one that does not exist."""
        found = find_token(request)
        return found if found and found.check_client(client) else None

    def revoke_token(self, token: LiveToken, request: OAuthRequest) -> None:
        """Refuse it in every process within 5 s."""
        if isinstance(token.content, AccessToken):
            revoke_token(request.tx, token.content.jti, "revoked by its client")
        else:
            revoke_family(request.tx, token.content.family_id, "revoked by its client")
        audit.record(request.tx, "token.revoked", "client", token.client.client_id)


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]
    """For confidential clients, about tokens of their own channel and partner."""

    def authenticate_token(self, request: OAuthRequest, client: KnownClient) -> LiveToken | None:
        """The token, if this client may know of it; raises UnauthorizedClientError for public clients."""
        if not client.is_confidential:
            raise UnauthorizedClientError("Introspection is for confidential clients.")
        found = find_token(request)
        return found if found and _may_know(client, found) else None

    def introspect_token(self, token: LiveToken) -> dict[str, Any]:
        """The members of RFC 7662 section 2.2."""
        person, content = token.person, token.content
        about = {"client_id": token.client.client_id, "sub": str(person.id) if person else token.client.client_id}
        if person is not None:
            about["username"] = person.username
        return {**about, **(_of_access(content) if isinstance(content, AccessToken) else _of_refresh(content))}


def find_token(request: OAuthRequest) -> LiveToken | None:
    """The token of the request whatever its kind, if it is in force; raises InvalidRequestError without one."""
    raw = parameter(request, "token")
    if not raw:
        raise InvalidRequestError("token is missing.")
    return _refresh_token(request, raw) if raw.startswith("kr_") else _access_token(request, raw)


def _access_token(request: OAuthRequest, raw: str) -> LiveToken | None:
    try:
        content = read_token(raw, request.known, request.settings.base_url)
        return LiveToken(content, *check_standing(content, request.known, request.tx))
    except TokenRefused:
        return None


def _refresh_token(request: OAuthRequest, raw: str) -> LiveToken | None:
    ticket = families.find(request.tx, raw)
    client = request.known.client(ticket.client_id, request.tx) if ticket else None
    person = request.known.person(ticket.user_id, request.tx) if ticket else None
    return LiveToken(ticket, client, person) if ticket and client and person else None


def _may_know(client: KnownClient, token: LiveToken) -> bool:
    if isinstance(token.content, RefreshTicket):
        return token.check_client(client)
    return client.channel is token.client.channel and client.partner_id == token.client.partner_id


def _of_access(token: AccessToken) -> dict[str, Any]:
    return {
        "token_type": "Bearer",
        "scope": " ".join(sorted(token.scopes)),
        "iss": token.issuer,
        "aud": token.audience,
        "jti": token.jti,
        "iat": token.issued_at,
        "exp": token.expires_at,
    }


def _of_refresh(ticket: RefreshTicket) -> dict[str, Any]:
    return {"scope": ticket.scope, "exp": int(ticket.expires_at.timestamp())}
