"""A client can configure itself from what the server says of itself."""

from typing import Any

import pytest

from gateway.oauth.scopes import SCOPES
from tests.oauth.conftest import BASE_URL


def test_both_discovery_addresses_say_the_same(http: Any) -> None:
    one = http.get("/.well-known/oauth-authorization-server").get_json()
    assert one == http.get("/.well-known/openid-configuration").get_json()
    assert one["issuer"] == BASE_URL


def test_every_endpoint_named_exists(app: Any, http: Any) -> None:
    metadata = http.get("/.well-known/oauth-authorization-server").get_json()
    named = {value.removeprefix(BASE_URL) for name, value in metadata.items() if name.endswith(("_endpoint", "_uri"))}
    assert named == {"/oauth/authorize", "/oauth/token", "/oauth/revoke", "/oauth/introspect", "/oauth/jwks"}
    assert named <= {rule.rule for rule in app.url_map.iter_rules()}


def test_metadata_promises_only_what_is_safe(http: Any) -> None:
    metadata = http.get("/.well-known/oauth-authorization-server").get_json()
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert metadata["response_types_supported"] == ["code"]
    assert metadata["authorization_response_iss_parameter_supported"] is True
    assert "client_secret_post" not in metadata["token_endpoint_auth_methods_supported"]
    assert not {"password", "implicit"} & set(metadata["grant_types_supported"])


@pytest.mark.parametrize("channel", ["internet", "extranet", "intranet"])
def test_each_channel_says_who_gives_tokens_for_it(http: Any, channel: str) -> None:
    metadata = http.get(f"/.well-known/oauth-protected-resource/{channel}").get_json()
    assert metadata["resource"] == f"{BASE_URL}/{channel}/v1"
    assert metadata["authorization_servers"] == [BASE_URL]
    assert set(metadata["scopes_supported"]) == {n for n, s in SCOPES.items() if channel in s.channels}


@pytest.mark.parametrize("channel", ["system", "nowhere", "ışık"])
def test_what_is_no_channel_is_not_found(http: Any, channel: str) -> None:
    assert http.get(f"/.well-known/oauth-protected-resource/{channel}").status_code == 404


def test_keys_carry_what_a_verifier_needs(http: Any, register: Any, take_token: Any) -> None:
    take_token(register())
    for key in http.get("/oauth/jwks").get_json()["keys"]:
        assert (key["kty"], key["crv"], key["use"], key["alg"]) == ("EC", "P-256", "sig", "ES256")
        assert key["kid"]
