"""A client library that shares no code with the server gets everything it needs from it."""

import io
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from jwskate import Jwk
from requests.adapters import BaseAdapter
from requests_oauth2client import ClientSecretBasic, OAuth2Client, PrivateKeyJwt

from gateway.channels import Channel
from tests.oauth.conftest import BASE_URL, CALLBACK, Browser, Registered


class InProcess(BaseAdapter):
    """Carries the library's requests to the application without a socket."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self.app = app

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        """One request to the application."""
        answer = self.app.test_client().open(
            urlsplit(request.url or "").path,
            method=request.method,
            data=request.body,
            headers=[(name, str(value)) for name, value in request.headers.items()],
        )
        response = requests.Response()
        response.status_code, response.raw, response.request = answer.status_code, io.BytesIO(answer.data), request
        response.headers.update(answer.headers)
        return response

    def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def connect(app: Flask) -> Any:
    def make(auth: Any, **more: Any) -> OAuth2Client:
        session = requests.Session()
        session.mount(BASE_URL, InProcess(app))
        metadata = session.get(f"{BASE_URL}/.well-known/oauth-authorization-server").json()
        return OAuth2Client.from_discovery_document(
            metadata, issuer=BASE_URL, auth=auth, session=session, testing=True, **more
        )

    return make


@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "EdDSA"])
def test_partner_gets_a_token_with_its_key(connect: Any, register: Any, enter: Any, algorithm: str) -> None:
    extra = {"crv": "Ed25519"} if algorithm == "EdDSA" else {}
    key = Jwk.generate(alg=algorithm, **extra).with_kid_thumbprint()
    public = {name: value for name, value in key.public_jwk().items() if name != "key_ops"}
    client = register(auth_method="private_key_jwt", jwks={"keys": [public]})
    token = connect(PrivateKeyJwt(client.client_id, key)).client_credentials(scope="customers:read")
    assert enter(token.access_token, Channel.EXTRANET).scopes == {"customers:read"}


def test_partner_gets_asks_about_and_ends_a_token(connect: Any, register: Any) -> None:
    client = register()
    oauth = connect(ClientSecretBasic(client.client_id, client.secret))
    token = oauth.client_credentials()
    assert oauth.introspect_token(token.access_token)["active"] is True
    assert oauth.revoke_access_token(token.access_token)
    assert oauth.introspect_token(token.access_token)["active"] is False


def test_customer_app_signs_a_person_in_and_refreshes(
    connect: Any, cem: Browser, customer_app: Registered, enter: Any
) -> None:
    oauth = connect(customer_app.client_id, redirect_uri=CALLBACK)
    asked = oauth.authorization_request(scope="customers:read")
    parts = urlsplit(str(asked))
    answer = cem.decide(f"{parts.path}?{parts.query}").headers["Location"]
    granted = asked.validate_callback(answer)
    token = oauth.authorization_code(granted)
    assert enter(token.access_token, Channel.INTERNET).username == "cem"
    renewed = oauth.refresh_token(token)
    assert enter(renewed.access_token, Channel.INTERNET).username == "cem"
    assert oauth.revoke_refresh_token(renewed.refresh_token)
    assert parse_qs(parts.query)["code_challenge_method"] == ["S256"]
