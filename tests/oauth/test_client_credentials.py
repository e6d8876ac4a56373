"""A system gets a token for itself, and nothing it was not promised."""

from typing import Any

import pytest
from joserfc import jws

from gateway.channels import Channel


def test_client_gets_a_token_its_door_accepts(register: Any, take_token: Any, enter: Any) -> None:
    client = register()
    caller = enter(take_token(client))
    assert (caller.client_id, caller.channel) == (client.client_id, Channel.EXTRANET)
    assert caller.scopes == {"customers:read", "customers:write"}
    assert caller.granted_fields == {"birth_date"}


def test_token_is_an_at_jwt_of_ten_minutes(register: Any, take_token: Any) -> None:
    token = jws.extract_compact(take_token(register()).encode())
    import orjson

    claims = orjson.loads(token.payload)
    assert token.headers()["typ"] == "at+jwt"
    assert token.headers()["alg"] == "ES256"
    assert token.headers()["kid"]
    assert claims["exp"] - claims["iat"] == 600
