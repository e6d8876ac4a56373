"""Revocation and introspection: by the right client, about the right tokens."""

from typing import Any

import pytest

from gateway.channels import Channel
from gateway.db import transaction
from gateway.errors import InvalidToken
from gateway.partners import service as partners
from tests.oauth.conftest import BASE_URL, CALLBACK, SYSTEM, Browser, Registered


def revoke(http: Any, client: Registered, token: str, **more: str) -> Any:
    return http.post("/oauth/revoke", data={"token": token, **more}, headers=client.basic)


def introspect(http: Any, client: Registered, token: str, **more: str) -> Any:
    return http.post("/oauth/introspect", data={"token": token, **more}, headers=client.basic)


@pytest.fixture
def portal_tokens(browser: Browser, people: Any, portal: Registered) -> Any:
    browser.sign_in("ayşe")
    answer = browser.http.get(browser.ask(portal))
    code = answer.headers["Location"].split("code=")[1].split("&")[0]
    return browser.redeem(portal, code).get_json()


@pytest.mark.parametrize("hint", [{}, {"token_type_hint": "access_token"}, {"token_type_hint": "ışık"}])
def test_client_revokes_its_access_token(
    http: Any, register: Any, take_token: Any, enter: Any, hint: dict[str, str]
) -> None:
    client = register()
    token = take_token(client)
    assert enter(token)
    assert revoke(http, client, token, **hint).status_code == 200
    with pytest.raises(InvalidToken):
        enter(token)
    assert introspect(http, client, token).get_json() == {"active": False}


def test_revoked_refresh_token_takes_its_family_along(
    http: Any, portal: Registered, portal_tokens: Any, enter: Any
) -> None:
    assert enter(portal_tokens["access_token"], Channel.INTRANET)
    assert revoke(http, portal, portal_tokens["refresh_token"]).status_code == 200
    with pytest.raises(InvalidToken):
        enter(portal_tokens["access_token"], Channel.INTRANET)
    form = {"grant_type": "refresh_token", "refresh_token": portal_tokens["refresh_token"]}
    assert http.post("/oauth/token", data=form, headers=portal.basic).get_json()["error"] == "invalid_grant"


def test_public_client_revokes_by_its_name(cem: Browser, customer_app: Registered, enter: Any) -> None:
    token = cem.redeem(customer_app, cem.code_for(customer_app)).get_json()["access_token"]
    cem.http.post("/oauth/revoke", data={"token": token, "client_id": customer_app.client_id})
    with pytest.raises(InvalidToken):
        enter(token, Channel.INTERNET)


def test_nobody_revokes_anothers_token(http: Any, register: Any, take_token: Any, enter: Any) -> None:
    token = take_token(register())
    assert revoke(http, register(), token).status_code == 200
    assert enter(token)


@pytest.mark.parametrize("token", ["x", "kr_x", "a.b.c", "ığüş"])
def test_unknown_token_is_quietly_fine(http: Any, register: Any, token: str) -> None:
    client = register()
    assert revoke(http, client, token).status_code == 200
    assert introspect(http, client, token).get_json() == {"active": False}


@pytest.mark.parametrize("address", ["/oauth/revoke", "/oauth/introspect"])
def test_questions_need_client_and_token(http: Any, register: Any, address: str) -> None:
    assert http.post(address, data={"token": "x"}).status_code == 401
    assert http.post(address, data={}, headers=register().basic).get_json()["error"] == "invalid_request"


def test_introspection_says_what_the_token_is(http: Any, register: Any, take_token: Any) -> None:
    client = register()
    body = introspect(http, client, take_token(client)).get_json()
    assert body.pop("exp") - body.pop("iat") == 600
    assert body.pop("jti")
    assert body == {
        "active": True,
        "client_id": client.client_id,
        "sub": client.client_id,
        "token_type": "Bearer",
        "scope": "customers:read customers:write",
        "iss": BASE_URL,
        "aud": f"{BASE_URL}/extranet/v1",
    }


def test_introspection_names_the_person(http: Any, portal: Registered, portal_tokens: Any) -> None:
    for kind in ("access_token", "refresh_token"):
        body = introspect(http, portal, portal_tokens[kind]).get_json()
        assert (body["active"], body["username"]) == (True, "ayşe")


def test_public_client_may_not_introspect(cem: Browser, customer_app: Registered) -> None:
    token = cem.redeem(customer_app, cem.code_for(customer_app)).get_json()["access_token"]
    answer = cem.http.post("/oauth/introspect", data={"token": token, "client_id": customer_app.client_id})
    assert answer.get_json()["error"] == "unauthorized_client"


def test_partner_learns_nothing_of_another_partners_token(http: Any, register: Any, take_token: Any) -> None:
    with transaction(SYSTEM) as tx:
        other = partners.add(tx, "ankara-oto", "Ankara Oto").id
    token = take_token(register())
    assert introspect(http, register(), token).get_json()["active"] is True
    assert introspect(http, register(partner_id=other), token).get_json() == {"active": False}


def test_channel_learns_nothing_of_another_channels_token(
    http: Any, register: Any, portal: Registered, portal_tokens: Any
) -> None:
    assert introspect(http, register(), portal_tokens["access_token"]).get_json() == {"active": False}
    other = register(Channel.INTRANET, grants=["authorization_code"], redirect_uris=[CALLBACK])
    assert introspect(http, other, portal_tokens["access_token"]).get_json()["active"] is True
    assert introspect(http, other, portal_tokens["refresh_token"]).get_json() == {"active": False}
