"""Whatever is sent to the OAuth addresses, the answer is an OAuth error and never a server error."""

import base64
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ADDRESSES = ["/oauth/token", "/oauth/revoke", "/oauth/introspect"]
FORM = "application/x-www-form-urlencoded"
BODIES: dict[str, tuple[str, bytes]] = {
    "nothing": (FORM, b""),
    "json": ("application/json", json.dumps({"grant_type": "client_credentials"}).encode()),
    "multipart": ("multipart/form-data; boundary=x", b"--x--"),
    "no type": ("", b"grant_type=client_credentials"),
    "not utf-8": (FORM, b"grant_type=\xff\xfe"),
    "not utf-8, encoded": (FORM, b"grant_type=%FF%FE"),
    "nul": (FORM, b"grant_type=client_credentials%00"),
    "line break": (FORM, b"grant_type=refresh_token&refresh_token=a%0d%0ab"),
    "surrogate": (FORM, b"grant_type=%ED%A0%80"),
    "doubled": (FORM, b"grant_type=client_credentials&grant_type=client_credentials"),
    "thousand parameters": (FORM, b"&".join(b"p%d=1" % n for n in range(1000))),
    "huge": (FORM, b"grant_type=" + b"x" * 70_000),
    "huger than the application allows": (FORM, b"grant_type=" + b"x" * 2_000_000),
    "bad escapes": (FORM, b"grant_type=%zz%&=&&&%"),
    "quotes": (FORM, b"grant_type=%22%5C%22&client_id=%22"),
    "assertion of nothing": (FORM, b"grant_type=client_credentials&client_assertion=a.b.c&client_assertion_type=x"),
}
HEADERS = {
    "not base64": "Basic ***",
    "no colon": "Basic " + base64.b64encode(b"abc").decode(),
    "not utf-8": "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
    "nul": "Basic " + base64.b64encode(b"a\x00b:c").decode(),
    "bad escapes": "Basic " + base64.b64encode(b"%FF%FE:%zz").decode(),
    "empty": "Basic ",
    "letters": "Basic ığüş",
    "other scheme": "Digest username=x",
    "endless": "Basic " + "A" * 20_000,
    "turkish": "Basic " + base64.b64encode("ışık:ğüş".encode()).decode(),
}


def is_oauth_error(answer: Any) -> bool:
    body = answer.get_json()
    return 400 <= answer.status_code < 500 and isinstance(body.get("error"), str) and "trace" not in answer.text.lower()


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("body", BODIES)
def test_bad_body_is_an_oauth_error(http: Any, address: str, body: str) -> None:
    content_type, data = BODIES[body]
    assert is_oauth_error(http.post(address, data=data, content_type=content_type))


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("header", HEADERS)
def test_bad_header_is_an_oauth_error(http: Any, address: str, header: str) -> None:
    form = {"grant_type": "client_credentials", "token": "x"}
    headers = {"Authorization": HEADERS[header].encode().decode("latin-1")}
    answer = http.post(address, data=form, headers=headers)
    assert is_oauth_error(answer)
    assert answer.status_code == 401


def jwt_part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner), max_leaves=4
)
_names = st.sampled_from(
    ["grant_type", "code", "redirect_uri", "code_verifier", "refresh_token", "client_id", "scope", "token", "resource"]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    grant=st.sampled_from(["authorization_code", "refresh_token", "client_credentials"]) | st.text(),
    form=st.dictionaries(_names, st.text(max_size=60), max_size=6),
    address=st.sampled_from(ADDRESSES),
)
def test_any_form_is_an_oauth_error(
    http: Any, customer_app: Any, grant: str, form: dict[str, str], address: str
) -> None:
    sendable = {name: value.encode("utf-8", "replace") for name, value in form.items()}
    answer = http.post(
        address, data={"client_id": customer_app.client_id, **sendable, "grant_type": grant.encode("utf-8", "replace")}
    )
    assert answer.status_code == 200 or is_oauth_error(answer)
    assert answer.status_code != 200 or address == "/oauth/revoke"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    header=st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64"]), _anything),
    claims=st.dictionaries(st.sampled_from(["iss", "sub", "aud", "exp", "jti", "nbf", "iat"]), _anything) | _anything,
)
def test_any_assertion_is_an_oauth_error(http: Any, header: dict[str, Any], claims: Any) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": f"{jwt_part(header)}.{jwt_part(claims)}.AAAA",
    }
    assert is_oauth_error(http.post("/oauth/token", data=form))


@pytest.mark.parametrize(
    "query",
    ["", "?", "?a=%00", "?a=%ff", "?client_id=x&client_id=y", "?" + "a" * 9000, "?client_id=%22&redirect_uri=%22"],
)
def test_bad_authorization_request_is_a_page(http: Any, query: str) -> None:
    answer = http.get("/oauth/authorize" + query)
    assert answer.status_code == 400
    assert answer.mimetype == "text/html"
