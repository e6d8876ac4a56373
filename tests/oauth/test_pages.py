"""The pages: cookies, forged forms, headers, languages, lockout, signing out."""

from typing import Any

import pytest
from sqlalchemy import text

from gateway.accounts.lockout import FREE_FOR_A_PERSON, FREE_FOR_AN_ADDRESS
from gateway.config import Settings
from gateway.db import Query, transaction
from gateway.oauth import standing
from tests.oauth.conftest import PASSWORD, SYSTEM, Browser, fields_of


def test_signing_in_renews_the_cookie(browser: Browser, people: Any) -> None:
    before = browser.http.get("/oauth/sign-in").headers["Set-Cookie"].split(";")[0]
    after = browser.sign_in("cem").headers["Set-Cookie"].split(";")[0]
    assert before != after


def test_cookie_is_for_this_host_and_no_script(browser: Browser, app: Any, people: Any) -> None:
    cookie = browser.sign_in("cem").headers["Set-Cookie"]
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_cookie_is_bound_to_https_where_there_is_https(
    browser: Browser, app: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    secured = Settings(**{**vars(settings), "base_url": "https://crm.example"})
    monkeypatch.setitem(app.extensions, "kopru", secured)
    cookie = browser.http.get("/oauth/sign-in").headers["Set-Cookie"]
    assert cookie.startswith("__Host-kopru=")
    assert "; Secure" in cookie


def test_cookie_is_stored_as_a_mark_only(browser: Browser, people: Any) -> None:
    cookie = browser.sign_in("cem").headers["Set-Cookie"].split("=")[1].split(";")[0]
    with transaction(SYSTEM) as tx:
        stored = str(tx.rows(Query(text("SELECT * FROM sign_in_sessions"))))
    assert len(cookie) == 43
    assert cookie not in stored


def test_planted_cookie_is_worth_nothing_after_sign_in(app: Any, browser: Browser, people: Any, portal: Any) -> None:
    planted = browser.http.get("/oauth/sign-in").headers["Set-Cookie"].split("=")[1].split(";")[0]
    browser.sign_in("ayşe")
    attacker = app.test_client()
    attacker.set_cookie("kopru", planted)
    assert attacker.get(browser.ask(portal)).headers["Location"].startswith("/oauth/sign-in")


def test_forged_sign_in_is_refused(browser: Browser, people: Any) -> None:
    form = {"username": "cem", "password": PASSWORD}
    assert browser.http.post("/oauth/sign-in", data=form).status_code == 403
    other = Browser(browser.http.application.test_client())
    stolen = fields_of(other.http.get("/oauth/sign-in").text)
    browser.http.get("/oauth/sign-in")
    assert browser.http.post("/oauth/sign-in", data={**stolen, **form}).status_code == 403


@pytest.mark.parametrize(
    ("username", "password"), [("cem", "yanlış parola"), ("yok", PASSWORD), ("", ""), ("ı" * 400, "x")]
)
def test_wrong_name_and_wrong_password_look_alike(browser: Browser, people: Any, username: str, password: str) -> None:
    answer = browser.sign_in(username, password)
    assert answer.status_code == 403
    assert "The username or the password is not right." in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "then",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nSet-Cookie: x", "x"],
)
def test_sign_in_never_leads_elsewhere(browser: Browser, people: Any, then: str) -> None:
    form = {**fields_of(browser.http.get("/oauth/sign-in").text), "username": "cem", "password": PASSWORD, "next": then}
    answer = browser.http.post("/oauth/sign-in", data=form)
    assert answer.headers.get("Location", "/oauth/sign-out") == "/oauth/sign-out"


def test_guessing_locks_the_person_out_even_with_the_right_password(browser: Browser, people: Any) -> None:
    for _ in range(FREE_FOR_A_PERSON):
        browser.sign_in("cem", "yanlış parola")
    assert browser.sign_in("cem").status_code == 403
    assert browser.sign_in("ayşe").status_code == 303


def test_address_that_guesses_too_often_has_to_wait(browser: Browser, people: Any) -> None:
    browser.sign_in("yok", "yanlış parola")
    with transaction(SYSTEM) as tx:
        tx.run(Query(text("UPDATE sign_in_addresses SET failures = :n")), n=FREE_FOR_AN_ADDRESS - 1)
    browser.sign_in("yok", "yanlış parola")
    answer = browser.sign_in("cem")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 15


PAGES = ["/oauth/sign-in", "/oauth/sign-out", "/oauth/authorize"]


@pytest.mark.parametrize("address", PAGES)
def test_pages_let_no_script_and_no_frame_in(browser: Browser, address: str) -> None:
    answer = browser.http.get(address)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<script" not in answer.text
    assert "style=" not in answer.text


def test_form_may_end_at_the_clients_own_address(cem: Browser, customer_app: Any) -> None:
    policy = cem.http.get(cem.ask(customer_app)).headers["Content-Security-Policy"]
    assert "form-action 'self' https://uygulama.example;" in policy


def test_sign_in_form_may_end_at_a_registered_address_only(browser: Browser, customer_app: Any) -> None:
    def policy(then: str) -> str:
        return str(browser.http.get("/oauth/sign-in", query_string={"next": then}).headers["Content-Security-Policy"])

    assert "form-action 'self' https://uygulama.example;" in policy(browser.ask(customer_app))
    assert "form-action 'self';" in policy(browser.ask(customer_app, redirect_uri="https://evil.example"))


@pytest.mark.parametrize(
    ("asked", "heading"), [("tr", "Oturum aç"), ("en-GB", "Sign in"), ("de", "Sign in"), ("", "Sign in")]
)
def test_page_speaks_the_readers_language(browser: Browser, asked: str, heading: str) -> None:
    page = browser.http.get("/oauth/sign-in", headers={"Accept-Language": asked})
    assert f"<h1>{heading}</h1>" in page.text
    assert f'<html lang="{page.headers["Content-Language"]}">' in page.text


def test_every_field_of_the_form_has_a_label(browser: Browser) -> None:
    page = browser.http.get("/oauth/sign-in").text
    assert page.count("<label for=") == page.count("<input id=") == 2


def test_style_sheet_is_our_own(browser: Browser) -> None:
    answer = browser.http.get("/oauth/pages.css")
    assert (answer.status_code, answer.mimetype) == (200, "text/css")
    assert b"http" not in answer.data
    assert b"@import" not in answer.data


def test_signing_out_ends_the_session(cem: Browser, customer_app: Any) -> None:
    cem.code_for(customer_app)
    form = fields_of(cem.http.get("/oauth/sign-out").text)
    assert cem.http.post("/oauth/sign-out", data=form).status_code == 303
    assert cem.http.get(cem.ask(customer_app)).headers["Location"].startswith("/oauth/sign-in")


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_is_signed_out_by_a_foreign_page(cem: Browser, customer_app: Any, method: str) -> None:
    getattr(cem.http, method)("/oauth/sign-out")
    assert cem.http.get(cem.ask(customer_app)).status_code == 200


def test_session_ends_with_its_time_and_with_the_person(cem: Browser, customer_app: Any) -> None:
    with transaction(SYSTEM) as tx:
        tx.run(Query(text("UPDATE users SET status = 'disabled'")))
    standing.expire()
    assert cem.http.get(cem.ask(customer_app)).status_code == 303
    with transaction(SYSTEM) as tx:
        tx.run(Query(text("UPDATE users SET status = 'active'")))
        tx.run(Query(text("UPDATE sign_in_sessions SET expires_at = now()")))
    assert cem.http.get(cem.ask(customer_app)).status_code == 303


def test_signing_in_and_out_is_recorded(cem: Browser, people: Any) -> None:
    cem.http.post("/oauth/sign-out", data=fields_of(cem.http.get("/oauth/sign-out").text))
    with transaction(SYSTEM) as tx:
        query = Query(text("SELECT action FROM audit_entries WHERE resource_id = :id ORDER BY position"))
        actions = [action for (action,) in tx.rows(query, id=str(people["cem"]))]
    assert actions == ["user.created", "user.signed_in", "user.signed_out"]
