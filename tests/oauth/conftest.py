"""An authorization server with one partner and one client of each kind, on the run's own database."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import ECKey

from gateway import migrations, vault
from gateway.channels import Caller, Channel
from gateway.config import Settings
from gateway.db import close_database, open_database, transaction
from gateway.errors import Problem
from gateway.oauth import guard, service, standing
from gateway.oauth.endpoints import blueprint
from gateway.partners import service as partners

BASE_URL = "http://127.0.0.1:8000"
SYSTEM = Caller.system("test")


@dataclass(frozen=True)
class Registered:
    """A client as its owner holds it."""

    client_id: str
    secret: str = ""
    key: ECKey | None = None

    @property
    def basic(self) -> dict[str, str]:
        """The Authorization header with its secret."""
        pair = base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}


@pytest.fixture(scope="session")
def oauth_database(database_url: str) -> Iterator[str]:
    migrations.upgrade(database_url, os.environ.get("OAUTH_REV", "head"))
    vault.load_keys((("test", os.urandom(32)),))
    open_database(database_url)
    yield database_url
    close_database()


@pytest.fixture
def settings(oauth_database: str) -> Settings:
    return Settings(
        database_url=oauth_database,
        redis_url="redis://127.0.0.1:1/0",
        base_url=BASE_URL,
        secret_key="s" * 40,
        vault_keys=(("test", b"k" * 32),),
    )


@pytest.fixture
def app(settings: Settings) -> Flask:
    app = Flask("oauth-tests")
    app.extensions["kopru"] = settings
    app.register_blueprint(blueprint)
    app.register_error_handler(Problem, lambda problem: (problem.as_json(""), problem.status, problem.headers))
    standing.forget()
    guard.forget_tokens()
    return app


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def partner_id(oauth_database: str) -> Any:
    with transaction(SYSTEM) as tx:
        return partners.add(tx, f"bayi-{secrets.token_hex(4)}", "Işık Otomotiv", ["birth_date"]).id


@pytest.fixture
def register(oauth_database: str, partner_id: Any) -> Callable[..., Registered]:
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
            client, secret = service.add_client(tx, "Deneme", channel, **wanted)
        return Registered(client.client_id, secret or "")

    return add


@pytest.fixture
def take_token(http: FlaskClient) -> Callable[..., str]:
    """A client-credentials token of a client with a secret."""

    def take(client: Registered, **form: str) -> str:
        answer = http.post("/oauth/token", data={"grant_type": "client_credentials", **form}, headers=client.basic)
        assert answer.status_code == 200, answer.json
        return str(answer.json["access_token"])

    return take


@pytest.fixture
def enter(app: Flask) -> Callable[..., Caller]:
    """Show a token at a door."""

    def show(token: str | None, channel: Channel = Channel.EXTRANET) -> Caller:
        with app.test_request_context():
            return guard.authenticate(f"Bearer {token}" if token is not None else None, channel)

    return show
