"""A system gets a token for itself, and nothing it was not promised."""

from typing import Any

import orjson
import pytest
from joserfc import jws

from gateway.channels import Channel
from gateway.db import transaction
from gateway.oauth import service
from gateway.oauth.service import find_client
from tests.oauth.conftest import BASE_URL, SYSTEM

CLIENT_CREDENTIALS = {"grant_type": "client_credentials"}


def claims_of(token: str) -> Any:
    return orjson.loads(jws.extract_compact(token.encode()).payload)


def test_client_gets_a_token_its_door_accepts(register: Any, take_token: Any, enter: Any) -> None:
    client = register()
    caller = enter(take_token(client))
    assert (caller.client_id, caller.channel, caller.partner) == (client.client_id, "extranet", "isik-otomotiv")
    assert caller.scopes == {"customers:read", "customers:write"}
    assert caller.granted_fields == {"birth_date"}


def test_token_is_an_at_jwt_signed_under_a_published_key(register: Any, take_token: Any, http: Any) -> None:
    header = jws.extract_compact(take_token(register()).encode()).headers()
    published = [key["kid"] for key in http.get("/oauth/jwks").get_json()["keys"]]
    assert header == {"typ": "at+jwt", "alg": "ES256", "kid": published[0]}


def test_token_has_the_claims_of_rfc_9068_and_lives_ten_minutes(register: Any, take_token: Any) -> None:
    client = register()
    claims = claims_of(take_token(client))
    assert set(claims) == {"iss", "sub", "aud", "client_id", "scope", "jti", "iat", "exp"}
    assert claims["exp"] - claims["iat"] == 600
    assert (claims["iss"], claims["aud"], claims["sub"]) == (BASE_URL, f"{BASE_URL}/extranet/v1", client.client_id)


def test_answer_says_what_was_granted_and_may_not_be_stored(register: Any, http: Any) -> None:
    form = {**CLIENT_CREDENTIALS, "scope": "customers:read"}
    answer = http.post("/oauth/token", data=form, headers=register().basic)
    body = answer.get_json()
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 600, "customers:read")
    assert "refresh_token" not in body
    assert answer.headers["Cache-Control"] == "no-store"


def test_client_cannot_get_a_scope_it_does_not_have(register: Any, http: Any) -> None:
    form = {**CLIENT_CREDENTIALS, "scope": "customers:read webhooks:write"}
    answer = http.post("/oauth/token", data=form, headers=register().basic)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize("resource", [f"{BASE_URL}/intranet/v1", "https://elsewhere.example/"])
def test_client_cannot_name_another_channels_resource(register: Any, http: Any, resource: str) -> None:
    form = {**CLIENT_CREDENTIALS, "resource": resource}
    answer = http.post("/oauth/token", data=form, headers=register().basic)
    assert answer.get_json()["error"] == "invalid_target"


def test_client_may_name_its_own_channels_resource(register: Any, take_token: Any) -> None:
    assert take_token(register(), resource=f"{BASE_URL}/extranet/v1")


def test_client_without_the_grant_is_told_so(register: Any, http: Any) -> None:
    client = register(grants=["authorization_code"], redirect_uris=["https://x.example/"])
    answer = http.post("/oauth/token", data=CLIENT_CREDENTIALS, headers=client.basic)
    assert answer.get_json()["error"] == "unauthorized_client"


@pytest.mark.parametrize("grant", ["password", "implicit", "urn:ietf:params:oauth:grant-type:token-exchange", "ışık"])
def test_no_other_grant_exists(register: Any, http: Any, grant: str) -> None:
    answer = http.post("/oauth/token", data={"grant_type": grant}, headers=register().basic)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "unsupported_grant_type")


def test_grant_type_and_client_id_in_the_query_do_not_count(register: Any, http: Any) -> None:
    answer = http.post("/oauth/token?grant_type=client_credentials", data={"scope": "x"}, headers=register().basic)
    assert answer.get_json()["error"] == "invalid_request"
    public = register(
        Channel.INTERNET, auth_method="none", grants=["authorization_code"], redirect_uris=["https://x.example/"]
    )
    query = {"client_id": public.client_id}
    answer = http.post("/oauth/token", query_string=query, data={"grant_type": "authorization_code", "code": "x"})
    assert answer.get_json()["error"] == "invalid_client"


def test_disabled_client_gets_nothing(register: Any, http: Any) -> None:
    client = register()
    with transaction(SYSTEM) as tx:
        service.disable_client(tx, find_client(tx, client.client_id))
    answer = http.post("/oauth/token", data=CLIENT_CREDENTIALS, headers=client.basic)
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
