"""A person lets an application act for them: codes, PKCE, redirects, consent."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from gateway.channels import Channel
from gateway.db import Query, transaction
from gateway.errors import InvalidToken
from gateway.oauth import standing
from tests.oauth.conftest import BASE_URL, CALLBACK, SYSTEM, Browser, query_of


def test_person_gets_the_code_with_state_and_issuer(cem: Browser, customer_app: Any) -> None:
    answer = cem.decide(cem.ask(customer_app))
    assert answer.headers["Location"].startswith(CALLBACK + "&code=")
    assert query_of(answer)["state"] == "durum-ığüş"
    assert query_of(answer)["iss"] == BASE_URL


def test_code_becomes_tokens_in_the_persons_name(cem: Browser, customer_app: Any, enter: Any, people: Any) -> None:
    body = cem.redeem(customer_app, cem.code_for(customer_app)).get_json()
    caller = enter(body["access_token"], Channel.INTERNET)
    assert (caller.username, caller.role, caller.user_id) == ("cem", "customer", people["cem"])
    assert caller.customer_id is not None
    assert caller.scopes == {"customers:read"}
    assert body["refresh_token"].startswith("kr_")


def test_signing_in_leads_back_to_the_request(browser: Browser, people: Any, customer_app: Any) -> None:
    asked = browser.ask(customer_app)
    to_sign_in = browser.http.get(asked)
    assert to_sign_in.headers["Location"].startswith("/oauth/sign-in?next=")
    assert browser.sign_in("cem", then=asked).headers["Location"] == asked


def test_person_can_refuse(cem: Browser, customer_app: Any) -> None:
    answer = query_of(cem.decide(cem.ask(customer_app), "deny"))
    assert (answer["error"], answer["iss"], answer["state"]) == ("access_denied", BASE_URL, "durum-ığüş")
    assert "code" not in answer


def test_person_is_asked_once_for_the_same_scopes(cem: Browser, customer_app: Any) -> None:
    cem.code_for(customer_app)
    assert "code" in query_of(cem.http.get(cem.ask(customer_app)))
    assert cem.http.get(cem.ask(customer_app, scope="customers:read customers:write")).status_code == 200


def test_trusted_application_asks_nothing_and_gets_what_the_role_allows(
    browser: Browser, people: Any, portal: Any
) -> None:
    browser.sign_in("AYŞE")
    code = query_of(browser.http.get(browser.ask(portal, scope=None)))["code"]
    body = browser.redeem(portal, code).get_json()
    assert body["scope"] == "customers:read customers:write"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": 'ışık"'}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "customers:read partners:write"}, "invalid_scope"),
        ({"scope": "ışık"}, "invalid_scope"),
        ({"resource": f"{BASE_URL}/extranet/v1"}, "invalid_target"),
    ],
)
@pytest.mark.parametrize("client", ["customer_app", "portal"])
def test_bad_request_is_told_to_the_client_alone(
    browser: Browser, request: Any, client: str, changed: dict[str, Any], error: str
) -> None:
    answer = browser.http.get(browser.ask(request.getfixturevalue(client), **changed))
    assert (query_of(answer)["error"], query_of(answer)["iss"]) == (error, BASE_URL)


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": None},
        {"redirect_uri": CALLBACK + "/"},
        {"redirect_uri": "https://uygulama.example/geri"},
        {"redirect_uri": "https://saldırgan.example/ığüş"},
        {"redirect_uri": "http://127.0.0.1.example/geri"},
        {"redirect_uri": "http://localhost:9/geri"},
        {"client_id": None},
        {"client_id": "kc_unknown"},
        {"client_id": "ışık\x7f"},
    ],
)
def test_request_of_nobody_known_goes_nowhere(browser: Browser, customer_app: Any, changed: Any) -> None:
    answer = browser.http.get(browser.ask(customer_app, **changed))
    assert 400 <= answer.status_code < 500
    assert "Location" not in answer.headers


def test_public_client_chooses_its_loopback_port(browser: Browser, customer_app: Any, portal: Any) -> None:
    answer = browser.http.get(browser.ask(customer_app, redirect_uri="http://127.0.0.1:49152/geri"))
    assert answer.headers["Location"].startswith("/oauth/sign-in")
    answer = browser.http.get(browser.ask(portal, redirect_uri="http://127.0.0.1:49152/geri"))
    assert answer.status_code == 400


def test_doubled_parameter_is_refused(browser: Browser, customer_app: Any) -> None:
    answer = browser.http.get(browser.ask(customer_app) + "&scope=customers:write")
    assert (answer.status_code, "Location" in answer.headers) == (400, False)


def test_code_works_once_and_its_replay_ends_its_tokens(cem: Browser, customer_app: Any, enter: Any) -> None:
    code = cem.code_for(customer_app)
    body = cem.redeem(customer_app, code).get_json()
    assert enter(body["access_token"], Channel.INTERNET)
    assert cem.redeem(customer_app, code).get_json()["error"] == "invalid_grant"
    with pytest.raises(InvalidToken):
        enter(body["access_token"], Channel.INTERNET)
    form = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"], "client_id": customer_app.client_id}
    assert cem.http.post("/oauth/token", data=form).get_json()["error"] == "invalid_grant"


def test_of_eight_racing_redemptions_one_works(app: Any, cem: Browser, customer_app: Any) -> None:
    code = cem.code_for(customer_app)

    def redeem(_: int) -> int:
        return Browser(app.test_client(), cem.verifier).redeem(customer_app, code).status_code

    with ThreadPoolExecutor(8) as race:
        assert sorted(race.map(redeem, range(8))) == [200] + [400] * 7


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1/geri"}, "invalid_grant"),
        ({"redirect_uri": ""}, "invalid_grant"),
        ({"code": "unknown"}, "invalid_grant"),
        ({"code": ""}, "invalid_request"),
        ({"resource": f"{BASE_URL}/extranet/v1"}, "invalid_target"),
    ],
)
@pytest.mark.parametrize("client", ["customer_app", "portal"])
def test_code_alone_is_not_enough(
    browser: Browser, people: Any, request: Any, client: str, changed: dict[str, str], error: str
) -> None:
    registered = request.getfixturevalue(client)
    browser.sign_in("cem" if client == "customer_app" else "ayşe")
    asked = browser.ask(registered)
    code = query_of(browser.decide(asked) if client == "customer_app" else browser.http.get(asked))["code"]
    assert browser.redeem(registered, **{"code": code, **changed}).get_json()["error"] == error


def test_code_of_one_client_is_worth_nothing_to_another(cem: Browser, customer_app: Any, register: Any) -> None:
    other = register(Channel.INTERNET, auth_method="none", grants=["authorization_code"], redirect_uris=[CALLBACK])
    code = cem.code_for(customer_app)
    assert cem.redeem(other, code).get_json()["error"] == "invalid_grant"
    assert cem.redeem(customer_app, code).status_code == 200


def test_code_lives_a_minute(cem: Browser, customer_app: Any) -> None:
    code = cem.code_for(customer_app)
    with transaction(SYSTEM) as tx:
        life = tx.first(Query(text("SELECT expires_at - now() FROM authorization_codes")))
        assert life is not None
        assert timedelta(seconds=50) < life[0] <= timedelta(seconds=60)
        tx.run(Query(text("UPDATE authorization_codes SET expires_at = now()")))
    assert cem.redeem(customer_app, code).get_json()["error"] == "invalid_grant"


def test_neither_code_nor_refresh_token_is_stored_in_clear(cem: Browser, customer_app: Any) -> None:
    code = cem.code_for(customer_app)
    refresh_token = cem.redeem(customer_app, code).get_json()["refresh_token"]
    with transaction(SYSTEM) as tx:
        for table in ("authorization_codes", "refresh_tokens", "refresh_families", "issued_tokens"):
            stored = str(tx.rows(Query(text(f"SELECT * FROM {table}"))))
            assert code not in stored
            assert refresh_token not in stored


@pytest.mark.parametrize(("username", "client"), [("cem", "portal"), ("ayşe", "customer_app"), ("ipek", "portal")])
def test_person_cannot_use_another_channels_application(
    browser: Browser, people: Any, request: Any, username: str, client: str
) -> None:
    browser.sign_in(username)
    answer = browser.http.get(browser.ask(request.getfixturevalue(client)))
    assert (answer.status_code, "Location" in answer.headers) == (403, False)


def test_person_disabled_after_the_code_gets_no_token(cem: Browser, customer_app: Any) -> None:
    code = cem.code_for(customer_app)
    with transaction(SYSTEM) as tx:
        tx.run(Query(text("UPDATE users SET status = 'disabled'")))
    standing.expire()
    assert cem.redeem(customer_app, code).get_json()["error"] == "invalid_grant"


def test_consent_page_names_client_scopes_and_destination(cem: Browser, customer_app: Any) -> None:
    page = cem.http.get(cem.ask(customer_app), headers={"Accept-Language": "tr-TR,tr;q=0.9"})
    assert "Müşteri &lt;Uygulaması&gt;" in page.text
    assert "Müşteri kaydınızı görmek." in page.text
    assert "https://uygulama.example" in page.text


def test_consent_cannot_be_forged_by_another_site(cem: Browser, customer_app: Any) -> None:
    answer = cem.http.post(cem.ask(customer_app), data={"decision": "allow"})
    assert (answer.status_code, "Location" in answer.headers) == (403, False)


def test_redirects_after_forms_are_303_to_the_registered_host(cem: Browser, customer_app: Any) -> None:
    answer = cem.decide(cem.ask(customer_app))
    assert answer.status_code == 303
    assert urlsplit(answer.headers["Location"]).hostname == "uygulama.example"
