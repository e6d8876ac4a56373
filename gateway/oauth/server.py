"""The authorization server: Authlib's dispatch and error format over our clients, grants and storage."""

from __future__ import annotations

from typing import Any

from authlib.oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import Response

from gateway.answer import Answer
from gateway.json_body import write_json
from gateway.oauth.client_authentication import authenticate_client
from gateway.oauth.grants import S256, ClientCredentials, Code, Refresh
from gateway.oauth.known import KnownClient
from gateway.oauth.requests import OAuthRequest, parameter
from gateway.oauth.token_queries import Introspection, Revocation


class Server(AuthorizationServer):  # type: ignore[misc]
    """One for the process; it keeps nothing of a request."""

    def authenticate_client(self, request: OAuthRequest, methods: Any = None, endpoint: str = "token") -> KnownClient:
        """The client by its registered way, at every endpoint alike."""
        return authenticate_client(request)

    def create_oauth2_request(self, request: OAuthRequest) -> OAuthRequest:
        """The request itself: it is read before the transaction opens."""
        return request

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        """JSON, never stored by anybody on the way."""
        return Answer(status, dict(headers), write_json(body))

    def get_token_grant(self, request: OAuthRequest) -> Any:
        """The grant for a token request; raises InvalidRequestError where none is named (RFC 6749 section 5.2)."""
        if not parameter(request, "grant_type"):
            raise InvalidRequestError("grant_type is missing.")
        return super().get_token_grant(request)


def _make_server() -> Server:
    server = Server()
    server.register_grant(ClientCredentials)
    server.register_grant(Code, [S256(required=True)])
    server.register_grant(Refresh)
    server.register_endpoint(Revocation)
    server.register_endpoint(Introspection)
    return server


server = _make_server()
