"""How rest proves who it is: tokens fetched once, requests signed, keys in queries, certificates."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import responses
from responses import matchers
from werkzeug.wrappers import Request, Response

from connectors.base import Change, ConnectorError, Page
from connectors.errors import CredentialsRefused
from connectors.http import Http
from connectors.rest import Rest
from connectors.wire.auth_oauth import ClientCredentials
from tests.connectors.fake_partner import CLIENT_SECRET, TokenPartner, serve
from tests.connectors.servers.certificates import Authority

URL = "https://bayi.example/api"
LIST = f"{URL}/customers"
TOKEN = "https://giris.example/token"
OAUTH = {"token_url": TOKEN, "client_id": "köprü", "client_secret": "çok gizli"}


def rest(**settings: Any) -> Rest:
    return Rest(Rest.Settings().load({"base_url": URL, **settings}), Http())


def pages(connector: Rest) -> list[Page]:
    return list(connector.pull("customers", None))


@pytest.fixture
def tokens() -> Iterator[TokenPartner]:
    partner = TokenPartner()
    with serve(partner) as partner.url:
        yield partner


def behind(partner: TokenPartner) -> Rest:
    oauth = {"token_url": f"{partner.url}/token", "client_id": "köprü", "client_secret": CLIENT_SECRET}
    return rest(base_url=partner.url, auth="oauth", oauth=oauth)


def test_threads_that_need_a_token_together_fetch_it_once(tokens: TokenPartner) -> None:
    connector, gate = behind(tokens), threading.Barrier(4)

    def check(_: int) -> None:
        gate.wait()
        connector.check()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(check, range(4)))
        tokens.expire_tokens()
        list(pool.map(check, range(4)))
    assert tokens.tokens_issued() == 2


def test_token_near_its_end_is_fetched_anew(tokens: TokenPartner, monkeypatch: pytest.MonkeyPatch) -> None:
    connector = behind(tokens)
    connector.check()
    connector.check()
    before = tokens.tokens_issued()
    now = time.monotonic()
    monkeypatch.setattr("connectors.wire.auth_oauth.time.monotonic", lambda: now + 3600 - 30)
    connector.check()
    assert (before, tokens.tokens_issued()) == (1, 2)


@responses.activate
def test_short_token_serves_at_least_half_its_life() -> None:
    responses.post(TOKEN, json={"access_token": "jeton", "expires_in": 4})
    responses.get(LIST, json={"items": []})
    connector = rest(auth="oauth", oauth=OAUTH)
    pages(connector)
    pages(connector)
    assert [call.request.method for call in responses.calls] == ["POST", "GET", "GET"]


@responses.activate
@pytest.mark.parametrize(
    ("client_auth", "header", "secret_in_body"),
    [("basic", "Basic " + base64.b64encode(b"k%C3%B6pr%C3%BC:%C3%A7ok+gizli").decode(), False), ("post", None, True)],
)
def test_token_endpoint_learns_who_we_are(client_auth: str, header: str | None, secret_in_body: bool) -> None:
    responses.post(TOKEN, json={"access_token": "jeton"})
    responses.get(LIST, json={"items": []}, match=[matchers.header_matcher({"Authorization": "Bearer jeton"})])
    pages(rest(auth="oauth", oauth={**OAUTH, "client_auth": client_auth, "scope": "crm", "audience": "bayi"}))
    asked = responses.calls[0].request
    assert (asked.headers.get("Authorization"), "client_secret" in str(asked.body)) == (header, secret_in_body)
    assert "grant_type=client_credentials&scope=crm&audience=bayi" in str(asked.body)


@responses.activate
def test_second_refusal_of_a_fresh_token_needs_a_person() -> None:
    responses.post(TOKEN, json={"access_token": "jeton"})
    responses.get(LIST, status=401, body="jeton unknown")
    with pytest.raises(CredentialsRefused, match=r"\*\*\* unknown"):
        pages(rest(auth="oauth", oauth=OAUTH))
    assert len(responses.calls) == 4


@responses.activate
@pytest.mark.parametrize("status", [400, 401, 403])
def test_refused_client_stops_a_push_at_its_first_change(status: int) -> None:
    responses.post(TOKEN, status=status, json={"error": "invalid_client", "of": OAUTH["client_secret"]})
    with pytest.raises(CredentialsRefused, match="invalid_client") as caught:
        list(rest(auth="oauth", oauth=OAUTH).push("customers", [Change("create", key, record={}) for key in "ab"]))
    assert (len(responses.calls), OAUTH["client_secret"] in str(caught.value)) == (1, False)


@responses.activate
@pytest.mark.parametrize(
    "answer",
    [{"status": 503}, {"json": {}}, {"json": []}, {"json": {"access_token": 'a"\r\nX: 1'}}, {"body": "<html>"}],
)
def test_token_endpoint_in_trouble_is_worth_another_try(answer: dict[str, Any]) -> None:
    responses.post(TOKEN, **answer)
    with pytest.raises(ConnectorError) as caught:
        pages(rest(auth="oauth", oauth=OAUTH))
    assert not caught.value.permanent


def test_token_never_shows_in_a_repr(tokens: TokenPartner) -> None:
    connector = behind(tokens)
    connector.check()
    auth = connector._streams["customers"].site._auth
    assert isinstance(auth, ClientCredentials) and tokens.issued[0] not in repr(auth.proof())


def signature_of(request: Request, date: str, key: str) -> str:
    """What a partner computes for itself: the parts of the documentation, joined by line feeds."""
    digest = hashlib.sha256(request.get_data()).hexdigest()
    query = request.query_string.decode()
    signed = "\n".join([request.method, request.environ["RAW_URI"].partition("?")[0], query, date, digest])
    return hmac.new(key.encode(), signed.encode(), "sha256").hexdigest()


def test_partner_that_recomputes_the_signature_lets_every_request_in() -> None:
    seen: list[bool] = []

    @Request.application
    def partner(request: Request) -> Response:
        fits = signature_of(request, request.headers["X-Date"], "çok-gizli") == request.headers["X-Imza"]
        seen.append(fits and request.headers["X-Key-Id"] == "kopru-1")
        return Response('{"items": [], "external_id": "C 1"}', content_type="application/json")

    signing = {"key_id": "kopru-1", "secret": "çok-gizli", "signature_header": "X-Imza"}
    with serve(partner) as url:
        connector = rest(base_url=url, auth="hmac", signing=signing)
        pages(connector)
        [pushed] = connector.push("customers", [Change("update", "K-1", "ş 1/2", {"given_name": "İsmet"})])
    assert (pushed.error, seen) == (None, [True, True])


@responses.activate
def test_signature_can_be_shaped_as_the_partner_wants_it() -> None:
    responses.get(LIST, json={"items": []})
    shape = {"encoding": "base64", "algorithm": "sha512", "prefix": "HMAC ", "date_as": "epoch_seconds"}
    headers = {"date_header": "X-Zaman", "digest_header": None, "key_header": None}
    pages(rest(auth="hmac", signing={"secret": "gizli", "signed": ["date", "body"], **shape, **headers}))
    sent = responses.calls[0].request.headers
    expected = hmac.new(b"gizli", f"{sent['X-Zaman']}\n".encode(), "sha512").digest()
    assert sent["X-Signature"] == f"HMAC {base64.b64encode(expected).decode()}"
    assert not {"X-Content-Digest", "X-Key-Id"} & set(sent)


@responses.activate
def test_key_in_the_query_is_sent_and_never_told() -> None:
    responses.get(LIST, status=500, body="anahtar=%C3%A7ok%20gizli")
    with pytest.raises(ConnectorError) as caught:
        pages(rest(auth="api_key", api_key="çok gizli", api_key_parameter="anahtar"))
    assert "anahtar=%C3%A7ok+gizli" in str(responses.calls[0].request.url)
    assert caught.value.message == "GET /api/customers answered 500: anahtar=***"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


EMPTY = Response('{"items": []}', content_type="application/json")


def test_partner_with_its_own_authority_is_trusted_when_it_is_pinned(authority: Authority) -> None:
    with serve(EMPTY, tls=authority.server()) as url:
        own = url.replace("127.0.0.1", "localhost")
        rest(base_url=own, auth="none", tls={"ca": authority.pem}).check()
        with pytest.raises(ConnectorError, match="no trustworthy TLS"):
            rest(base_url=own, auth="none").check()


def test_partner_that_asks_for_our_certificate_gets_it(authority: Authority) -> None:
    mine = dict(zip(("certificate", "key"), authority.issue("kopru"), strict=True)) | {"ca": authority.pem}
    with serve(EMPTY, tls=authority.server(asks_for_certificates=True)) as url:
        own = url.replace("127.0.0.1", "localhost")
        rest(base_url=own, auth="none", tls=mine).check()
        with pytest.raises(ConnectorError):
            rest(base_url=own, auth="none", tls={"ca": authority.pem}).check()


@pytest.mark.parametrize("tls", [{"ca": "no pem"}, {"certificate": "no pem", "key": "nor this"}])
def test_certificate_that_is_none_is_told_before_anything_is_sent(tls: dict[str, Any]) -> None:
    with pytest.raises(ConnectorError, match="no usable PEM") as caught:
        rest(auth="none", tls=tls)
    assert caught.value.permanent
