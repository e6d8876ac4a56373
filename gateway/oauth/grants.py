"""The three grants, on Authlib's skeletons: everything is claimed first and issued afterwards."""

from __future__ import annotations

import re
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidClientError, InvalidGrantError, InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, ClientCredentialsGrant, RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge

from gateway import audit
from gateway.oauth import codes, families
from gateway.oauth.issuing import check_resource, issue
from gateway.oauth.known import KnownClient, Person
from gateway.oauth.requests import parameter
from gateway.oauth.revocations import revoke_family

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
Answer = tuple[int, dict[str, Any], list[tuple[str, str]]]


class UnsupportedResponseType(OAuth2Error):  # type: ignore[misc]
    """Only codes are given (RFC 6749 section 4.1.2.1)."""

    error = "unsupported_response_type"
    description = "response_type is to be code."


class ClientCredentials(ClientCredentialsGrant):  # type: ignore[misc]
    """A client acts for itself (RFC 6749 section 4.4)."""

    def validate_requested_scope(self) -> None:
        """What was asked for, or all the client may have; raises InvalidScopeError, InvalidTarget."""
        check_resource(self.request, self.client.channel)
        self.request.scope = allowed_scope(self.client, self.request.payload.scope)

    def create_token_response(self) -> Answer:
        """The access token."""
        body = issue(self.request, self.client, self.GRANT_TYPE, self.request.scope)
        return 200, body, self.TOKEN_RESPONSE_HEADER


class Code(AuthorizationCodeGrant):  # type: ignore[misc]
    """A person lets a client act for them (RFC 6749 section 4.1, RFC 7636)."""

    def validate_authorization_request(self) -> str:
        """The redirect URI of a good request; an error found after that is checked carries it, to be sent there.

        Authlib's own check quotes what was sent, which breaks on text that RFC 6749 keeps out of error descriptions,
        and lets requests without PKCE pass.
        """
        client = self.request.known.client(parameter(self.request, "client_id"), self.request.tx)
        redirect_uri = parameter(self.request, "redirect_uri")
        if client is None or "authorization_code" not in client.grants:
            raise InvalidClientError("client_id is missing or names no active client that may ask.")
        if not client.check_redirect_uri(redirect_uri):
            raise InvalidRequestError("redirect_uri is missing or not registered for this client.")
        self.request.client = client
        try:
            self.request.scope = check_payload(self.request, client)
        except OAuth2Error as error:
            error.redirect_uri = redirect_uri
            raise
        return redirect_uri

    def query_authorization_code(self, code: str, client: KnownClient) -> codes.Code | None:
        """The client's unexpired code."""
        return codes.find(self.request.tx, code, client.client_id)

    def create_token_response(self) -> Answer:
        """Claim the code, then issue; a code that was used before ends what came of it (RFC 6749 section 4.1.2)."""
        request, client, code = self.request, self.request.client, self.request.authorization_code
        check_resource(request, client.channel)
        if not codes.claim(request.tx, code):
            self._end_what_came_of(code)
            raise InvalidGrantError("The code has expired or was used before.")
        person = usable_person(request, code.user_id, client)
        body = issue(request, client, self.GRANT_TYPE, code.scope, person, code.family_id)
        if client.check_grant_type("refresh_token"):
            days = request.settings.refresh_token_days
            body["refresh_token"] = families.start(
                request.tx, code.family_id, client.client_id, person.id, code.scope, days
            )
        return 200, body, self.TOKEN_RESPONSE_HEADER

    def _end_what_came_of(self, code: codes.Code) -> None:
        tx = self.request.tx
        if codes.was_used(tx, code):
            revoke_family(tx, code.family_id, "authorization code used twice")
            audit.record(tx, "code.reuse_detected", "client", self.client.client_id, {"user": str(code.user_id)})


class Refresh(RefreshTokenGrant):  # type: ignore[misc]
    """A client goes on acting for a person (RFC 6749 section 6)."""

    def authenticate_refresh_token(self, refresh_token: str) -> families.RefreshTicket | None:
        """The token of a living family, used or not."""
        return families.find(self.request.tx, refresh_token)

    def create_token_response(self) -> Answer:
        """Exchange the token for its successor, then issue."""
        request, client, ticket = self.request, self.request.client, self.request.refresh_token
        check_resource(request, client.channel)
        successor = families.exchange(request.tx, ticket)
        if successor is None:
            raise InvalidGrantError("The refresh token was used before.")
        person = usable_person(request, ticket.user_id, client)
        asked = frozenset((request.payload.scope or ticket.scope).split())
        scope = " ".join(sorted(asked & person.scopes & client.scopes))
        if not scope:
            raise InvalidScopeError
        body = issue(request, client, self.GRANT_TYPE, scope, person, ticket.family_id)
        return 200, {**body, "refresh_token": successor}, self.TOKEN_RESPONSE_HEADER


class S256(CodeChallenge):  # type: ignore[misc]
    """PKCE by S256 for every client (OAuth 2.1): here the verifier, in `check_payload` the challenge."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def get_authorization_code_challenge_method(self, authorization_code: codes.Code) -> str:
        """S256: nothing else was ever stored."""
        return "S256"


def check_payload(request: Any, client: KnownClient) -> str:
    """The scope asked for at /authorize, once everything but client and redirect URI is right; raises OAuth2Error."""
    if parameter(request, "response_type") != "code":
        raise UnsupportedResponseType
    if parameter(request, "response_mode") not in ("", "query"):
        raise InvalidRequestError("Only response_mode=query is supported.")
    if not _CHALLENGE.fullmatch(parameter(request, "code_challenge")):
        raise InvalidRequestError("PKCE is needed: code_challenge is missing or malformed.")
    if parameter(request, "code_challenge_method") != "S256":
        raise InvalidRequestError("PKCE is needed with code_challenge_method=S256.")
    check_resource(request, client.channel)
    return allowed_scope(client, request.payload.scope)


def allowed_scope(client: KnownClient, asked: str | None) -> str:
    """What was asked for, or all the client may have; raises InvalidScopeError."""
    scope = client.get_allowed_scope(asked)
    if scope is None:
        raise InvalidScopeError
    return scope


def usable_person(request: Any, user_id: Any, client: KnownClient) -> Person:
    """The person behind a code or refresh token; raises InvalidGrantError where they may not use the client now."""
    person: Person | None = request.known.person(user_id, request.tx)
    if person is None or not person.may_use(client):
        raise InvalidGrantError("The person this was given for is not active.")
    return person
