"""No token opens a door but one that this server signed, for that channel, and that is in its time."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey
from werkzeug.test import TestResponse

from gateway.channels import Caller
from gateway.db import new_id, transaction
from gateway.oauth import keys
from gateway.oauth.keys import Keyring
from tests.conftest import BASE_URL, Cast

Claims = dict[str, Any]
EXTRANET = f"{BASE_URL}/extranet/v1"
DAY = 86_400  # longer than any run lasts between gathering the tests and doing this one


@pytest.fixture(scope="module")
def ring(standing_cast: Cast) -> Keyring:
    with transaction(Caller.system("test")) as tx:
        return keys.load_ring(tx)


@pytest.fixture(scope="module")
def claims(standing_cast: Cast) -> Claims:
    """What Eskişehir's own token says, which every forger would like to say."""
    return part(standing_cast.eskisehir.token, 1)


def part(token: str, number: int) -> dict[str, Any]:
    encoded = token.split(".")[number]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    return decoded


def encoded(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def signed(ring: Keyring, claims: Claims, **header: Any) -> str:
    """A token under the server's own key, with whatever claims and header."""
    head = {"typ": "at+jwt", "alg": "ES256", "kid": ring.signing_kid, **header}
    assert ring.signing_key is not None
    return jws.serialize_compact(head, json.dumps(claims).encode(), ring.signing_key, algorithms=["ES256"])


def knock(cast: Cast, authorization: str, path: str = "/extranet/v1/customers") -> TestResponse:
    return cast.ayse.client.get(path, headers={"Authorization": authorization})


def assert_refused(answer: TestResponse) -> None:
    assert answer.status_code == 401, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["code"] == "invalid_token"
    assert "resource_metadata=" in answer.headers["WWW-Authenticate"]


def test_same_claims_signed_by_the_server_open_the_door(standing_cast: Cast, ring: Keyring, claims: Claims) -> None:
    """Else every refusal below could have another reason."""
    assert knock(standing_cast, f"Bearer {signed(ring, {**claims, 'jti': str(new_id())})}").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"exp": 0},
        {"exp": int(time.time()) - 60},
        {"exp": "never"},
        {"exp": None},
        {"nbf": int(time.time()) + DAY},
        {"iat": int(time.time()) + DAY},
        {"iss": "https://evil.example"},
        {"iss": f"{BASE_URL}/"},
        {"aud": f"{BASE_URL}/intranet/v1"},
        {"aud": f"{BASE_URL}/extranet/v2"},
        {"aud": "*"},
        {"aud": [EXTRANET]},
        {"aud": [EXTRANET, f"{BASE_URL}/intranet/v1"]},
        {"client_id": "nobody"},
        {"client_id": None},
        {"sub": "somebody"},
        {"sub": "01890000-0000-7000-8000-000000000000"},
        {"scope": None},
        {"scope": ["customers:read"]},
    ],
    ids=",".join,
)
def test_wrong_claim_is_refused_even_under_the_right_key(
    standing_cast: Cast, ring: Keyring, claims: Claims, wrong: Claims
) -> None:
    forged = {**claims, "jti": str(new_id()), **wrong}
    assert_refused(knock(standing_cast, f"Bearer {signed(ring, forged)}"))


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "exp", "client_id", "scope", "iat"])
def test_missing_claim_is_refused(standing_cast: Cast, ring: Keyring, claims: Claims, claim: str) -> None:
    forged = {name: value for name, value in claims.items() if name != claim}
    assert_refused(knock(standing_cast, f"Bearer {signed(ring, forged)}"))


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": "dpop+jwt"},
        {"kid": "another"},
        {"kid": "../../../../dev/null"},
        {"kid": "' OR 1=1 --"},
        {"kid": 1},
        {"kid": None},
        {"jku": "https://evil.example/jwks", "kid": "evil"},
    ],
    ids=str,
)
def test_wrong_header_is_refused(standing_cast: Cast, ring: Keyring, claims: Claims, header: dict[str, Any]) -> None:
    head = {"typ": "at+jwt", "alg": "ES256", "kid": ring.signing_kid, **header}
    body = f"{encoded(head)}.{encoded({**claims, 'jti': str(new_id())})}"
    assert ring.signing_key is not None
    signature = jws.serialize_compact({"alg": "ES256"}, body.encode(), ring.signing_key, algorithms=["ES256"])
    assert_refused(knock(standing_cast, f"Bearer {body}.{signature.rpartition('.')[2]}"))


def without_signature(ring: Keyring, claims: Claims) -> str:
    return f"{encoded({'typ': 'at+jwt', 'alg': 'none', 'kid': ring.signing_kid})}.{encoded(claims)}."


def without_signature_oddly_spelt(ring: Keyring, claims: Claims) -> str:
    return f"{encoded({'typ': 'at+jwt', 'alg': 'nOnE', 'kid': ring.signing_kid})}.{encoded(claims)}."


def with_empty_signature(ring: Keyring, claims: Claims) -> str:
    return f"{encoded({'typ': 'at+jwt', 'alg': 'ES256', 'kid': ring.signing_kid})}.{encoded(claims)}."


def with_zero_signature(ring: Keyring, claims: Claims) -> str:
    head = encoded({"typ": "at+jwt", "alg": "ES256", "kid": ring.signing_kid})
    return f"{head}.{encoded(claims)}.{encoded(bytes(64))}"


def by_hmac_with_the_public_key(ring: Keyring, claims: Claims) -> str:
    body = f"{encoded({'typ': 'at+jwt', 'alg': 'HS256', 'kid': ring.signing_kid})}.{encoded(claims)}"
    public = ring.public[ring.signing_kid].as_pem(private=False)
    return f"{body}.{encoded(hmac.digest(public, body.encode(), 'sha256'))}"


def by_a_foreign_key(ring: Keyring, claims: Claims) -> str:
    head = {"typ": "at+jwt", "alg": "ES256", "kid": ring.signing_kid}
    return jws.serialize_compact(head, json.dumps(claims).encode(), ECKey.generate_key("P-256"), algorithms=["ES256"])


def by_a_key_it_brings_along(ring: Keyring, claims: Claims) -> str:
    key = ECKey.generate_key("P-256")
    head = {"typ": "at+jwt", "alg": "ES256", "kid": ring.signing_kid, "jwk": key.as_dict(private=False)}
    return jws.serialize_compact(head, json.dumps(claims).encode(), key, algorithms=["ES256"])


def with_more_in_the_payload(ring: Keyring, claims: Claims) -> str:
    head, _, signature = signed(ring, claims).split(".")
    return f"{head}.{encoded({**claims, 'scope': 'customers:read customers:write audit:read'})}.{signature}"


@pytest.mark.parametrize(
    "forge",
    [
        without_signature,
        without_signature_oddly_spelt,
        with_empty_signature,
        with_zero_signature,
        by_hmac_with_the_public_key,
        by_a_foreign_key,
        by_a_key_it_brings_along,
        with_more_in_the_payload,
    ],
)
def test_forged_signature_is_refused(
    standing_cast: Cast, ring: Keyring, claims: Claims, forge: Callable[[Keyring, Claims], str]
) -> None:
    assert_refused(knock(standing_cast, f"Bearer {forge(ring, {**claims, 'jti': str(new_id())})}"))


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer ..",
        "Bearer a.b.c",
        "Bearer a.b.c.d.e",
        "Bearer " + "a" * 5000,
        "Bearer " + "." * 2,
        "Bearer eyJ.eyJ.eyJ",
        "Bearer ışık.ışık.ışık",
        "Basic YTpi",
        "DPoP x.y.z",
        "Bearer null",
    ],
)
def test_no_token_at_all_is_refused(standing_cast: Cast, authorization: str) -> None:
    assert_refused(knock(standing_cast, authorization))


def test_token_in_the_address_does_not_count(standing_cast: Cast) -> None:
    path = f"/extranet/v1/customers?access_token={standing_cast.eskisehir.token}"
    assert_refused(standing_cast.ayse.client.get(path))


def test_refusal_never_repeats_the_token(standing_cast: Cast) -> None:
    answer = knock(standing_cast, "Bearer sızdırılan.belirteç.değeri")
    assert_refused(answer)
    assert "belirteç" not in answer.text + str(answer.headers)
