"""Clients prove who they are in their registered way, and in no other."""

import base64
import hashlib
import hmac
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from gateway.channels import Channel
from gateway.db import transaction
from gateway.errors import Invalid
from gateway.oauth import service
from gateway.oauth.client_authentication import ASSERTION_TYPE
from tests.oauth.conftest import BASE_URL, SYSTEM, Registered

# joserfc warns of EdDSA and none when it signs with them, as these tests have to.
pytestmark = pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")

RSA_KEY = RSAKey.generate_key(2048)
ED25519_KEY = OKPKey.generate_key("Ed25519")
KEYS: dict[str, Any] = {
    "ES256": ECKey.generate_key("P-256"),
    "PS256": RSA_KEY,
    "EdDSA": ED25519_KEY,
    "Ed25519": ED25519_KEY,
}


@pytest.fixture
def signer(register: Any) -> Registered:
    """A client with one key for each algorithm."""
    public = [KEYS[name].as_dict(private=False) for name in ("ES256", "PS256", "EdDSA")]
    client: Registered = register(auth_method="private_key_jwt", jwks={"keys": public})
    return client


def sign(client: Registered, algorithm: str = "ES256", key: Any = None, **changed: Any) -> str:
    """An assertion; a claim given as None is left out."""
    claims = {
        "iss": client.client_id,
        "sub": client.client_id,
        "aud": BASE_URL,
        "exp": int(time.time()) + 60,
        "jti": secrets.token_hex(8),
        **changed,
    }
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": algorithm}, claims, key or KEYS[algorithm], algorithms=[algorithm])


def ask(http: Any, assertion: str, **more: str) -> Any:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        **more,
    }
    return http.post("/oauth/token", data=form)


@pytest.mark.parametrize("algorithm", KEYS)
@pytest.mark.parametrize("audience", [BASE_URL, f"{BASE_URL}/oauth/token"])
def test_signed_assertion_gets_a_token(http: Any, signer: Registered, algorithm: str, audience: str) -> None:
    assert ask(http, sign(signer, algorithm, aud=audience)).status_code == 200


class Ahead(NamedTuple):
    """So many seconds after the test begins, which may be minutes after it was collected."""

    seconds: int


def at(ahead: Ahead) -> int:
    return int(time.time()) + ahead.seconds


WRONG_CLAIMS: dict[str, dict[str, Any]] = {
    "audience list": {"aud": [BASE_URL]},
    "audience elsewhere": {"aud": "https://elsewhere.example"},
    "audience of a channel": {"aud": f"{BASE_URL}/extranet/v1"},
    "no audience": {"aud": None},
    "issuer is another": {"iss": "somebody"},
    "no issuer": {"iss": None},
    "subject is another": {"sub": "somebody"},
    "subject is no text": {"sub": {"a": 1}},
    "no expiry": {"exp": None},
    "expiry is text": {"exp": "tomorrow"},
    "expired": {"exp": Ahead(-3600)},
    "six minutes of life": {"exp": Ahead(360)},
    "ten years of life": {"exp": Ahead(10 * 365 * 86400)},
    "long life, late issue": {"iat": Ahead(-600), "exp": Ahead(100)},
    "issued tomorrow": {"iat": Ahead(86400), "exp": Ahead(86460)},
    "valid tomorrow": {"nbf": Ahead(86400)},
    "no jti": {"jti": None},
    "jti is a number": {"jti": 7},
    "jti is endless": {"jti": "x" * 513},
}


@pytest.mark.parametrize("wrong", WRONG_CLAIMS)
def test_assertion_with_wrong_claims_is_refused(http: Any, signer: Registered, wrong: str) -> None:
    claims = {name: at(value) if isinstance(value, Ahead) else value for name, value in WRONG_CLAIMS[wrong].items()}
    answer = ask(http, sign(signer, **claims))
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


FORGED: dict[str, tuple[str, Any]] = {
    "another EC key": ("ES256", ECKey.generate_key("P-256")),
    "RS256 by the registered RSA key": ("RS256", RSA_KEY),
    "ES384": ("ES384", ECKey.generate_key("P-384")),
    "HS256": ("HS256", OctKey.import_key("x" * 32)),
    "none": ("none", OctKey.import_key("x" * 32)),
}


@pytest.mark.parametrize("forgery", FORGED)
def test_assertion_not_signed_by_the_clients_key_is_refused(http: Any, signer: Registered, forgery: str) -> None:
    algorithm, key = FORGED[forgery]
    assert ask(http, sign(signer, algorithm, key)).status_code == 401


def test_public_key_is_not_taken_for_an_hmac_secret(http: Any, signer: Registered) -> None:
    header, payload, _ = sign(signer, "HS256", OctKey.import_key("x" * 32)).split(".")
    mac = hmac.new(RSA_KEY.as_pem(private=False), f"{header}.{payload}".encode(), hashlib.sha256).digest()
    forged = f"{header}.{payload}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    assert ask(http, forged).status_code == 401


def test_assertion_works_once(http: Any, signer: Registered) -> None:
    assertion = sign(signer)
    assert [ask(http, assertion).status_code for _ in range(2)] == [200, 401]


def test_of_eight_racing_assertions_one_works(app: Any, signer: Registered) -> None:
    assertion = sign(signer)
    with ThreadPoolExecutor(8) as race:
        answers = list(race.map(lambda _: ask(app.test_client(), assertion).status_code, range(8)))
    assert sorted(answers) == [200] + [401] * 7


def test_two_clients_may_use_the_same_jti(http: Any, register: Any, signer: Registered) -> None:
    key = ECKey.generate_key("P-256")
    other = register(auth_method="private_key_jwt", jwks={"keys": [key.as_dict(private=False)]})
    assert ask(http, sign(signer, jti="1")).status_code == 200
    assert ask(http, sign(other, key=key, jti="1")).status_code == 200


def test_two_ways_at_once_are_refused(http: Any, register: Any, signer: Registered) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": sign(signer),
    }
    answer = http.post("/oauth/token", data=form, headers=register().basic)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


def test_client_id_has_to_be_the_one_that_signed(http: Any, signer: Registered) -> None:
    assert ask(http, sign(signer), client_id="kc_somebody").get_json()["error"] == "invalid_request"
    assert ask(http, sign(signer), client_id=signer.client_id).status_code == 200


def test_client_with_keys_cannot_use_a_secret(http: Any, signer: Registered) -> None:
    answer = http.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=signer.basic)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith('Basic realm="kopru"')


def test_client_with_a_secret_cannot_post_it_or_leave_it_out(http: Any, register: Any) -> None:
    client = register()
    form = {"grant_type": "client_credentials", "client_id": client.client_id}
    assert http.post("/oauth/token", data=form).status_code == 401
    assert http.post("/oauth/token", data={**form, "client_secret": client.secret}).status_code == 401


def test_wrong_secret_is_refused(http: Any, register: Any) -> None:
    client = Registered(register().client_id, "ks_" + "x" * 43)
    answer = http.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=client.basic)
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


def rotate(client: Registered, overlap: timedelta) -> Registered:
    with transaction(SYSTEM) as tx:
        found = service.find_client(tx, client.client_id)
        return Registered(client.client_id, service.rotate_secret(tx, found, overlap))


def test_old_and_new_secret_overlap(register: Any, take_token: Any) -> None:
    client = register()
    assert take_token(client)
    renewed = rotate(client, timedelta(days=1))
    assert take_token(renewed)
    assert take_token(client)


def test_old_secret_ends_with_the_overlap(http: Any, register: Any, take_token: Any) -> None:
    client = register()
    renewed = rotate(client, timedelta(seconds=-1))
    answer = http.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=client.basic)
    assert answer.status_code == 401
    assert take_token(renewed)


def test_no_secret_is_stored_in_clear(register: Any) -> None:
    client = register()
    with transaction(SYSTEM) as tx:
        stored = service.find_client(tx, client.client_id)
        assert client.secret not in repr(vars(stored))


BAD_KEYS: dict[str, Any] = {
    "private": KEYS["ES256"].as_dict(private=True),
    "short": {"kty": "RSA", "e": "AQAB", "n": base64.urlsafe_b64encode(secrets.token_bytes(128)).decode().rstrip("=")},
    "symmetric": {"kty": "oct", "k": base64.urlsafe_b64encode(b"x" * 32).decode()},
    "other curve": ECKey.generate_key("P-384").as_dict(private=False),
    "not on the curve": {**KEYS["ES256"].as_dict(private=False), "x": "AAAA"},
    "meant for RS256": {**RSA_KEY.as_dict(private=False), "alg": "RS256"},
}


@pytest.mark.parametrize("bad", BAD_KEYS)
def test_bad_keys_cannot_be_registered(register: Any, bad: str) -> None:
    with pytest.raises(Invalid):
        register(auth_method="private_key_jwt", jwks={"keys": [BAD_KEYS[bad]]})


BAD_CLIENTS: dict[str, dict[str, Any]] = {
    "public client credentials": {"auth_method": "none"},
    "secret in the form": {"auth_method": "client_secret_post"},
    "password grant": {"grants": ["password"]},
    "refresh alone": {"grants": ["refresh_token"]},
    "no redirect": {"grants": ["authorization_code"]},
    "wildcard": {"grants": ["authorization_code"], "redirect_uris": ["https://*.example/geri"]},
    "plain http": {"grants": ["authorization_code"], "redirect_uris": ["http://uygulama.example/geri"]},
    "fragment": {"grants": ["authorization_code"], "redirect_uris": ["https://uygulama.example/#x"]},
    "user": {"grants": ["authorization_code"], "redirect_uris": ["https://a@b.example/"]},
    "script": {"grants": ["authorization_code"], "redirect_uris": ["javascript:alert(1)"]},
    "foreign scope": {"scopes": ["partners:write"]},
    "no scope": {"scopes": []},
    "no partner": {"partner_id": None},
}


@pytest.mark.parametrize("bad", BAD_CLIENTS)
def test_bad_clients_cannot_be_registered(register: Any, bad: str) -> None:
    with pytest.raises(Invalid):
        register(**BAD_CLIENTS[bad])


def test_public_client_may_use_a_scheme_of_its_own(register: Any) -> None:
    grants, uris = ["authorization_code"], ["com.example.kopru:/geri"]
    assert register(Channel.INTERNET, auth_method="none", grants=grants, redirect_uris=uris)
