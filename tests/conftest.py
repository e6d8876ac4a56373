"""The stage and its cast: an application on real servers, and the people and systems that call it.

Ayşe is an agent inside. Two partners share the extranet: Eskişehir (granted birth_date) and Ankara (granted nothing).
Cem is a customer of Eskişehir with a sign-in.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis.internal.conjecture import providers
from werkzeug.test import TestResponse

from gateway import migrations, pool, process
from gateway.accounts import passwords, roles
from gateway.accounts import service as accounts
from gateway.app import create_app
from gateway.channels import Caller, Channel
from gateway.config import Settings, read_settings
from gateway.customers import service as customers
from gateway.customers.attributes import known
from gateway.db import Transaction, new_id, transaction
from gateway.oauth import keys, standing, tokens
from gateway.oauth import service as oauth
from gateway.oauth.scopes import scopes_on
from gateway.partners import service as partners
from gateway.sync import changes
from tests.commits import settle
from tests.described import undescribed
from tests.emptying import empty_tables

pytest_plugins = ["tests.servers", "tests.sharing"]

# The same examples on every run, on a machine as slow as it likes.
hypothesis.settings.register_profile(
    "kopru", deadline=None, derandomize=True, database=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("kopru")
# Else examples would be mixed with constants of our modules: of those that this process has imported by then, and of
# none where the path of the checkout has a `test` in it.
providers._get_local_constants = providers.Constants

BASE_URL = "http://127.0.0.1:8000"


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what stays to the end: a million objects of libraries and tests."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def environment(database_url: str, redis_url: str) -> dict[str, str]:
    """The settings of an installation of this worker's own, with every table made."""
    migrations.upgrade(database_url)
    return {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "KOPRU_BASE_URL": BASE_URL,
        "KOPRU_SECRET_KEY": "test-only-secret-key-of-no-installation",
        "KOPRU_VAULT_KEYS": "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE",
        "KOPRU_WEBHOOK_ALLOW": "127.0.0.0/8",
        "KOPRU_LOG_LEVEL": "ERROR",
    }


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """What a partner is to be sent can be read once no older transaction is open on the server: other tests' are."""
    with pytest.MonkeyPatch.context() as patient:
        patient.setattr(changes, "_PATIENCE_SECONDS", 60.0)
        yield


@pytest.fixture
def in_environment(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings where work in the background reads them."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def settings(environment: dict[str, str]) -> Settings:
    """The same, read."""
    return read_settings(environment)


@pytest.fixture(scope="session")
def whole_app(settings: Settings) -> Iterator[Flask]:
    """The application, made once."""
    yield create_app(settings)
    pool.close_database()


def reopen(settings: Settings) -> None:
    """Open again what a command or benchmark closed behind it: the application under test lives in this process too."""
    process.open_all(settings)


@pytest.fixture
def app(whole_app: Flask, settings: Settings) -> Iterator[Flask]:
    """The application on empty tables."""
    empty_tables(settings.database_url)
    standing.forget()
    known.expire()
    yield whole_app
    # Whatever a test had the gateway tell must be what the catalogue says it tells.
    assert undescribed(settings.database_url) == []


@dataclass
class Api:
    """Somebody at a door: a test client whose requests carry a token and stay on one channel."""

    client: FlaskClient
    channel: Channel
    token: str
    partner_id: UUID | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def open(self, method: str, path: str, **kwargs: Any) -> TestResponse:
        """Send a request; `path` is below the channel's base unless it starts with the base itself."""
        full = path if path.startswith(f"/{self.channel.value}/") else f"/{self.channel.value}/v1{path}"
        headers = {"Authorization": f"Bearer {self.token}", **self.headers, **kwargs.pop("headers", {})}
        return self.client.open(full, method=method, headers=headers, **kwargs)

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        """GET."""
        return self.open("GET", path, **kwargs)

    def events(self, query: str = "limit=200") -> list[dict[str, Any]]:
        """What it is told by polling, once all that happened before can be read."""
        settle()
        return list(self.get(f"/events?{query}").get_json()["items"])

    def post(self, path: str, json: Any = None, **kwargs: Any) -> TestResponse:
        """POST of JSON."""
        return self.open("POST", path, json=json, **kwargs)

    def patch(self, path: str, json: Any, version: int | None = None, **kwargs: Any) -> TestResponse:
        """PATCH of a merge patch on a version."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return self.open("PATCH", path, json=json, headers=headers, **kwargs)

    def delete(self, path: str, **kwargs: Any) -> TestResponse:
        """DELETE."""
        return self.open("DELETE", path, **kwargs)


@dataclass
class Cast:
    """Everyone on the stage."""

    eskisehir: Api
    ankara: Api
    ayse: Api
    cem: Api
    cem_id: UUID


@pytest.fixture
def system(app: Flask) -> Iterator[Transaction]:
    """A transaction of the gateway's own, which sees everything; it commits at the end of the test."""
    with transaction(Caller.system("test")) as tx:
        yield tx


@pytest.fixture
def cast(app: Flask) -> Cast:
    """The cast, each with a token from the token endpoint."""
    return assemble(app)


@pytest.fixture(scope="module")
def standing_cast(whole_app: Flask, settings: Settings) -> Cast:
    """The cast made once for a whole file, for tests that leave each other's records alone; never beside `cast`."""
    empty_tables(settings.database_url)
    standing.forget()
    known.expire()
    return assemble(whole_app)


def assemble(app: Flask) -> Cast:
    """Make the cast on empty tables."""
    with transaction(Caller.system("test")) as tx:
        keys.ensure_first_key(tx)
        eskisehir = partners.add(tx, "eskisehir", "Eskişehir Oto", ["birth_date"])
        ankara = partners.add(tx, "ankara", "Ankara Otomotiv")
        clients = {
            "eskisehir": add_machine(tx, "eskisehir", Channel.EXTRANET, eskisehir.id),
            "ankara": add_machine(tx, "ankara", Channel.EXTRANET, ankara.id),
            "ayse": add_machine(tx, "portal", Channel.INTRANET, None),
        }
        cem = customers.create(tx, cem_of_eskisehir())
        customers.share(tx, cem["id"], "eskisehir", "sale")
        with pytest.MonkeyPatch.context() as costly:
            costly.setattr(passwords, "hash_password", _hashed_once)
            accounts.add_user(
                tx, "cem", "sedan-sever-35", Channel.INTERNET, "customer", customer_id=cem["id"], display_name="Cem Bey"
            )
        cem_token = person_token(tx, "cem", Channel.INTERNET)
    client = app.test_client()
    doors = dict.fromkeys(("eskisehir", "ankara"), Channel.EXTRANET) | {"ayse": Channel.INTRANET}
    apis = {name: Api(client, doors[name], fetch_token(client, *pair)) for name, pair in clients.items()}
    apis["eskisehir"].partner_id, apis["ankara"].partner_id = eskisehir.id, ankara.id
    return Cast(**apis, cem=Api(client, Channel.INTERNET, cem_token), cem_id=cem["id"])


# A hash takes as long as all else that the cast is made of.
_hashed_once = cache(passwords.hash_password)


def cem_of_eskisehir() -> dict[str, Any]:
    """Cem Bey of Eskişehir, who likes sedans."""
    return {
        "kind": "person",
        "given_name": "Cem",
        "family_name": "Işık",
        "birth_date": date(1980, 5, 17),
        "tax_id": "17291716060",
        "internal_note": "Sadık müşteri",
        "owner": "ayse",
        "attributes": {"body_type": "sedan"},
        "contact_points": [
            {"kind": "email", "value": "cem@example.com", "primary": True},
            {"kind": "phone", "value": "0532 123 45 67"},
            {"kind": "address", "address": {"line1": "Atatürk Cad. 5", "city": "Eskişehir", "country": "TR"}},
        ],
        "identifiers": [{"system": "erp", "value": "C-1042"}],
    }


def add_machine(tx: Transaction, name: str, channel: Channel, partner_id: UUID | None) -> tuple[str, str]:
    """A client_credentials client with every scope of its channel; answers (client_id, secret)."""
    client, secret = oauth.add_client(
        tx,
        name,
        channel,
        partner_id=partner_id,
        auth_method="client_secret_basic",
        grants=["client_credentials"],
        redirect_uris=[],
        scopes=sorted(scopes_on(channel)),
    )
    assert secret is not None
    return client.client_id, secret


def fetch_token(client: FlaskClient, client_id: str, secret: str) -> str:
    """An access token by client credentials."""
    answer = client.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=(client_id, secret))
    assert answer.status_code == 200, answer.text
    return str(answer.get_json()["access_token"])


def person_token(tx: Transaction, username: str, channel: Channel, *, granted: frozenset[str] | None = None) -> str:
    """A token as the authorization code grant would issue it to a person; the grant itself is tested in tests/oauth."""
    client, _ = oauth.add_client(
        tx,
        f"app of {username}",
        channel,
        auth_method="none",
        grants=["authorization_code", "refresh_token"],
        redirect_uris=["http://127.0.0.1/callback"],
        scopes=sorted(scopes_on(channel)),
    )
    user = accounts.find(tx, username)
    assert user is not None
    scopes = granted if granted is not None else roles.scopes_of(user.role) & scopes_on(channel)
    moment = int(time.time())
    claims = {
        "iss": BASE_URL,
        "sub": str(user.id),
        "aud": tokens.resource_of(BASE_URL, channel),
        "client_id": client.client_id,
        "scope": " ".join(sorted(scopes)),
        "jti": str(new_id()),
        "iat": moment,
        "exp": moment + 600,
    }
    return tokens.sign(claims, keys.load_ring(tx))
