"""Clients of every kind, a browser that follows the pages, and a way to knock at a door."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.accounts import service as accounts
from gateway.channels import Caller, Channel
from gateway.db import new_id, transaction
from gateway.oauth import guard, service
from gateway.partners import service as partners

BASE_URL = "http://127.0.0.1:8000"
SYSTEM = Caller.system("test")
CALLBACK = "https://uygulama.example/geri?from=kopru"
PASSWORD = "çok gizli ışık 35"


@dataclass(frozen=True)
class Registered:
    """A client as its owner holds it."""

    client_id: str
    secret: str = ""

    @property
    def basic(self) -> dict[str, str]:
        """The Authorization header with its secret."""
        pair = base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}


@dataclass
class Browser:
    """A person's browser: keeps cookies, fills in forms, carries PKCE for the client it came from."""

    http: FlaskClient
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    def ask(self, client: Registered, **changed: str | None) -> str:
        """The address of an authorization request; `None` leaves a parameter out."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        wanted = {
            "response_type": "code",
            "client_id": client.client_id,
            "redirect_uri": CALLBACK,
            "scope": "customers:read",
            "state": "durum-ığüş",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **changed,
        }
        return "/oauth/authorize?" + urlencode({name: value for name, value in wanted.items() if value is not None})

    def sign_in(self, username: str, password: str = PASSWORD, then: str = "") -> TestResponse:
        """Fill in the sign-in form."""
        page = self.http.get("/oauth/sign-in", query_string={"next": then})
        filled = {**fields_of(page.text), "username": username, "password": password}
        return self.http.post("/oauth/sign-in", data=filled)

    def decide(self, address: str, decision: str = "allow") -> TestResponse:
        """Press a button of the consent page."""
        page = self.http.get(address)
        return self.http.post(address, data={**fields_of(page.text), "decision": decision})

    def code_for(self, client: Registered, **changed: str | None) -> str:
        """A code, once the person has agreed."""
        answer = self.decide(self.ask(client, **changed))
        return query_of(answer)["code"]

    def redeem(self, client: Registered, code: str, **changed: str) -> TestResponse:
        """What the client does with the code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": self.verifier,
            **({} if client.secret else {"client_id": client.client_id}),
            **changed,
        }
        return self.http.post("/oauth/token", data=form, headers=client.basic if client.secret else {})


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of a page's form."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.replace("&amp;", "&")))


def query_of(answer: TestResponse) -> dict[str, str]:
    """The parameters of the address an answer sends the browser to."""
    assert answer.status_code == 303, answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    guard.forget_tokens()
    return app.test_client()


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app.test_client())


@pytest.fixture
def partner_id(app: Flask) -> UUID:
    with transaction(SYSTEM) as tx:
        return partners.add(tx, "isik-otomotiv", "Işık Otomotiv", ["birth_date"]).id


@pytest.fixture
def register(app: Flask, partner_id: UUID) -> Callable[..., Registered]:
    """Register a client; without more words an extranet one with a secret, for client credentials."""

    def add(channel: Channel = Channel.EXTRANET, **given: Any) -> Registered:
        wanted: dict[str, Any] = {
            "partner_id": partner_id if channel is Channel.EXTRANET else None,
            "auth_method": "client_secret_basic",
            "grants": ["client_credentials"],
            "scopes": ["customers:read", "customers:write"],
            **given,
        }
        with transaction(SYSTEM) as tx:
            client, secret = service.add_client(tx, "Müşteri <Uygulaması>", channel, **wanted)
        return Registered(client.client_id, secret or "")

    return add


@pytest.fixture
def customer_app(register: Callable[..., Registered]) -> Registered:
    """A public client on the internet channel, as a phone or a page would be."""
    return register(
        Channel.INTERNET,
        auth_method="none",
        grants=["authorization_code", "refresh_token"],
        redirect_uris=[CALLBACK, "http://127.0.0.1/geri"],
        scopes=["customers:read", "customers:write", "interactions:read"],
    )


@pytest.fixture
def portal(register: Callable[..., Registered]) -> Registered:
    """A trusted confidential client on the intranet channel."""
    return register(
        Channel.INTRANET,
        grants=["authorization_code", "refresh_token"],
        redirect_uris=[CALLBACK],
        scopes=["customers:read", "customers:write", "audit:read"],
        is_trusted=True,
    )


@pytest.fixture
def people(app: Flask, partner_id: UUID) -> dict[str, UUID]:
    """Cem the customer, Ayşe the agent, İpek of the partner."""
    with transaction(SYSTEM) as tx:
        cem = accounts.add_user(tx, "cem", PASSWORD, Channel.INTERNET, "customer", customer_id=new_id())
        ayse = accounts.add_user(tx, "ayşe", PASSWORD, Channel.INTRANET, "agent", display_name="Ayşe Yılmaz")
        ipek = accounts.add_user(tx, "İpek", PASSWORD, Channel.EXTRANET, "partner_staff", partner_id=partner_id)
        return {"cem": cem.id, "ayşe": ayse.id, "ipek": ipek.id}


@pytest.fixture
def cem(browser: Browser, people: dict[str, UUID]) -> Browser:
    """A browser in which Cem is signed in."""
    assert browser.sign_in("cem").status_code == 303
    return browser


@pytest.fixture
def take_token(http: FlaskClient) -> Callable[..., str]:
    """A client-credentials token of a client with a secret."""

    def take(client: Registered, **form: str) -> str:
        answer = http.post("/oauth/token", data={"grant_type": "client_credentials", **form}, headers=client.basic)
        assert answer.status_code == 200, answer.text
        return str(answer.get_json()["access_token"])

    return take


@pytest.fixture
def enter(app: Flask) -> Callable[..., Caller]:
    """Show a token at a door."""

    def show(token: str | None, channel: Channel = Channel.EXTRANET) -> Caller:
        with app.test_request_context():
            return guard.authenticate(f"Bearer {token}" if token is not None else None, channel)

    return show
