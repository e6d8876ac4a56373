"""A partner's system reads its customers: discovery, a token by its own key, the list to its end, one record.

The partner is a stranger: it uses a public OAuth library and plain HTTP, and knows one address.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from joserfc.jwk import ECKey
from requests_oauth2client import OAuth2Client, OAuth2ClientCredentialsAuth, PrivateKeyJwt

from gateway.channels import Caller, Channel
from gateway.customers import service as customers
from gateway.db import transaction
from gateway.oauth import keys
from gateway.oauth import service as oauth
from gateway.partners import service as partners
from tests.conftest import cem_of_eskisehir

SYSTEM = Caller.system("test")
NAMES = ["Cem Işık", "Çiğdem", "Gül", "Iğdır", "İpek", "Özge", "Şule"]


@pytest.fixture(scope="module")
def client_key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": "eskisehir-1", "alg": "ES256", "use": "sig"})


@pytest.fixture(scope="module")
def client_id(web: str, client_key: ECKey) -> str:
    """Eskişehir with seven customers and a key of its own; Ankara has one more customer, and nobody has the ninth."""
    with transaction(SYSTEM) as tx:
        keys.ensure_first_key(tx)
        eskisehir = partners.add(tx, "eskisehir", "Eskişehir Oto", ["birth_date"])
        partners.add(tx, "ankara", "Ankara Otomotiv")
        made = [customers.create(tx, cem_of_eskisehir())]
        made += [
            customers.create(tx, {"kind": "person", "given_name": name}) for name in (*NAMES[1:], "Veli", "Zeynep")
        ]
        for row in made[:7]:
            customers.share(tx, row["id"], "eskisehir", "sale")
        customers.share(tx, made[7]["id"], "ankara", "sale")
        client, _ = oauth.add_client(
            tx,
            "Eskişehir DMS",
            Channel.EXTRANET,
            partner_id=eskisehir.id,
            auth_method="private_key_jwt",
            grants=["client_credentials"],
            scopes=["customers:read", "interactions:read", "interactions:write"],
            jwks={"keys": [client_key.as_dict(private=False)]},
        )
        return client.client_id


@pytest.fixture(scope="module")
def api(web: str) -> str:
    """The one address the partner was told."""
    return f"{web}/extranet/v1"


@pytest.fixture(scope="module")
def session(web: str, api: str, client_id: str, client_key: ECKey) -> Iterator[requests.Session]:
    """A session that finds the authorization server by itself and brings a token along."""
    challenge = requests.get(f"{api}/customers", timeout=10).headers["WWW-Authenticate"]
    resource = requests.get(challenge.split('resource_metadata="')[1].split('"')[0], timeout=10).json()
    (issuer,) = resource["authorization_servers"]
    auth = PrivateKeyJwt(client_id, client_key.as_dict(private=True), alg="ES256")
    metadata = f"{issuer}/.well-known/oauth-authorization-server"
    oauth_client = OAuth2Client.from_discovery_endpoint(metadata, issuer=issuer, auth=auth, testing=True)
    with requests.Session() as session:
        session.auth = OAuth2ClientCredentialsAuth(oauth_client, resource=resource["resource"])
        yield session


def walk(session: requests.Session, url: str) -> list[dict[str, Any]]:
    """Every record of a list, page after page by its Link header."""
    items: list[dict[str, Any]] = []
    while url:
        answer = session.get(url, timeout=10)
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        url = answer.links.get("next", {}).get("url", "")
    return items


def test_partner_walks_its_own_customers_in_turkish_order_to_the_end(session: requests.Session, api: str) -> None:
    walked = walk(session, f"{api}/customers?limit=2&sort=display_name")
    assert [each["display_name"] for each in walked] == NAMES


def test_partner_sees_the_fields_of_its_agreement(session: requests.Session, api: str) -> None:
    (cem,) = walk(session, f"{api}/customers?q=isik")
    assert (cem["birth_date"], "tax_id" in cem, "internal_note" in cem) == ("1980-05-17", False, False)
    assert cem["contact_points"][1]["value"] == "+905321234567"


def test_partner_reads_a_record_once_and_then_only_its_changes(session: requests.Session, api: str) -> None:
    (cem,) = walk(session, f"{api}/customers?q=isik")
    read = session.get(f"{api}/customers/{cem['id']}", timeout=10)
    again = session.get(f"{api}/customers/{cem['id']}", headers={"If-None-Match": read.headers["ETag"]}, timeout=10)
    assert (read.json(), again.status_code, again.content) == (cem, 304, b"")


def test_partner_records_a_call_and_reads_it_with_its_customer(session: requests.Session, api: str) -> None:
    (cem,) = walk(session, f"{api}/customers?q=isik")
    call = {"customer_id": cem["id"], "channel": "phone", "kind": "inquiry", "direction": "in", "subject": "Sedan"}
    headers = {"Idempotency-Key": "arama-1"}
    made = [session.post(f"{api}/interactions", json=call, headers=headers, timeout=10) for _ in range(2)]
    assert [each.status_code for each in made] == [201, 201]
    (nested,) = session.get(f"{api}/customers/{cem['id']}?include=interactions", timeout=10).json()["interactions"]
    assert (nested["id"], nested["subject"], nested["partner"]) == (made[0].json()["id"], "Sedan", "eskisehir")


def test_same_token_opens_no_other_door(session: requests.Session, web: str) -> None:
    for channel in ("intranet", "internet"):
        answer = session.get(f"{web}/{channel}/v1/customers", timeout=10)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")


def test_scope_the_client_does_not_hold_is_a_403(session: requests.Session, api: str) -> None:
    answer = session.post(f"{api}/customers", json={"kind": "person", "given_name": "Yeni"}, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")


def test_every_answer_carries_its_request_and_its_quota(session: requests.Session, api: str) -> None:
    answer = session.get(f"{api}/customers?limit=1", headers={"X-Request-Id": "istek-7"}, timeout=10)
    assert answer.headers["X-Request-Id"] == "istek-7"
    assert answer.headers["RateLimit-Policy"] == '"default";q=3000;w=60'
    assert answer.headers["Content-Type"] == "application/json"


def pieces(size: int, count: int) -> Iterator[bytes]:
    yield b'{"subject": "'
    for _ in range(count):
        yield b"x" * size
    yield b'"}'


def test_endless_body_without_a_length_is_cut_off(session: requests.Session, api: str) -> None:
    """Through the real server, which hands a chunked body on without saying how long it is."""
    headers = {"Content-Type": "application/json"}
    try:
        answer = session.post(f"{api}/interactions", data=pieces(64 * 1024, 32), headers=headers, timeout=30)
    except requests.ConnectionError:
        return
    assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/problem+json")


def test_journey_ends_with_everything_written_down(session: requests.Session, api: str) -> None:
    with transaction(SYSTEM) as tx:
        counted = "SELECT count(*) FROM audit_entries WHERE action = 'interaction.created' AND actor LIKE 'client:%'"
        assert tx.raw.execute(counted).fetchone() == (1,)
        assert tx.raw.execute("SELECT count(*) FROM events WHERE type = 'interaction.created'").fetchone() == (1,)
