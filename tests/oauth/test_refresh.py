"""Refresh tokens rotate, survive a lost answer, and die together when one is used twice."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from gateway.channels import Channel
from gateway.db import Query, transaction
from gateway.errors import InvalidToken
from gateway.oauth import standing
from gateway.oauth.families import GRACE_SECONDS
from tests.oauth.conftest import CALLBACK, SYSTEM, Browser, Registered


@pytest.fixture
def given(cem: Browser, customer_app: Registered) -> Any:
    """Tokens of Cem's application."""
    code = cem.code_for(customer_app, scope="customers:read customers:write")
    return cem.redeem(customer_app, code).get_json()


def refresh(http: Any, client: Registered, token: str, **more: str) -> Any:
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": client.client_id, **more}
    return http.post("/oauth/token", data=form)


def let_time_pass(seconds: int) -> None:
    with transaction(SYSTEM) as tx:
        tx.run(Query(text("UPDATE refresh_tokens SET used_at = used_at - make_interval(secs => :s)")), s=seconds)


def test_refresh_gives_a_new_pair(http: Any, customer_app: Registered, given: Any, enter: Any) -> None:
    body = refresh(http, customer_app, given["refresh_token"]).get_json()
    assert body["refresh_token"] != given["refresh_token"]
    assert enter(body["access_token"], Channel.INTERNET).username == "cem"


def test_lost_answer_is_repeated_with_the_same_successor(http: Any, customer_app: Registered, given: Any) -> None:
    first = refresh(http, customer_app, given["refresh_token"]).get_json()
    let_time_pass(GRACE_SECONDS // 2)
    again = refresh(http, customer_app, given["refresh_token"]).get_json()
    assert again["refresh_token"] == first["refresh_token"]


def test_of_eight_racing_refreshes_all_get_one_successor(app: Any, customer_app: Registered, given: Any) -> None:
    def race(_: int) -> str:
        answer = refresh(app.test_client(), customer_app, given["refresh_token"])
        return str(answer.get_json()["refresh_token"])

    with ThreadPoolExecutor(8) as racers:
        assert len(set(racers.map(race, range(8)))) == 1
    with transaction(SYSTEM) as tx:
        assert tx.rows(Query(text("SELECT count(*) FROM refresh_tokens"))) == [(2,)]


def family_is_dead(http: Any, client: Registered, *tokens: str) -> bool:
    return all(refresh(http, client, token).get_json().get("error") == "invalid_grant" for token in tokens)


def test_late_replay_ends_the_family(http: Any, customer_app: Registered, given: Any, enter: Any) -> None:
    body = refresh(http, customer_app, given["refresh_token"]).get_json()
    let_time_pass(GRACE_SECONDS + 1)
    assert family_is_dead(http, customer_app, given["refresh_token"], body["refresh_token"])
    for token in (given["access_token"], body["access_token"]):
        with pytest.raises(InvalidToken):
            enter(token, Channel.INTERNET)


def test_replay_after_the_successor_was_used_ends_the_family(http: Any, customer_app: Registered, given: Any) -> None:
    second = refresh(http, customer_app, given["refresh_token"]).get_json()["refresh_token"]
    third = refresh(http, customer_app, second).get_json()["refresh_token"]
    assert family_is_dead(http, customer_app, given["refresh_token"], second, third)


def test_scope_may_shrink_but_never_grow(http: Any, customer_app: Registered, given: Any) -> None:
    body = refresh(http, customer_app, given["refresh_token"], scope="customers:read").get_json()
    assert body["scope"] == "customers:read"
    answer = refresh(http, customer_app, body["refresh_token"], scope="interactions:read")
    assert answer.get_json()["error"] == "invalid_scope"
    body = refresh(http, customer_app, body["refresh_token"]).get_json()
    assert body["scope"] == "customers:read customers:write"


def test_another_client_cannot_use_the_token_nor_end_the_family(
    http: Any, register: Any, customer_app: Registered, given: Any
) -> None:
    grants = ["authorization_code", "refresh_token"]
    other = register(Channel.INTERNET, auth_method="none", grants=grants, redirect_uris=[CALLBACK])
    assert refresh(http, other, given["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert refresh(http, customer_app, given["refresh_token"]).status_code == 200


@pytest.mark.parametrize("token", ["kr_unknown", "x", "ığüş", "x" * 5000])
def test_unknown_token_is_refused(http: Any, customer_app: Registered, token: str) -> None:
    assert refresh(http, customer_app, token).get_json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "ending",
    [
        "UPDATE users SET status = 'disabled'",
        "UPDATE refresh_families SET expires_at = now()",
        "UPDATE users SET channel = 'intranet', customer_id = NULL, role = 'agent' WHERE username = 'cem'",
    ],
)
def test_refresh_ends_with_the_person_or_the_family(
    http: Any, customer_app: Registered, given: Any, ending: str
) -> None:
    with transaction(SYSTEM) as tx:
        tx.run(Query(text(ending)))
    standing.expire()
    assert refresh(http, customer_app, given["refresh_token"]).get_json()["error"] == "invalid_grant"


def test_family_ends_after_thirty_days_however_often_it_rotates(
    http: Any, customer_app: Registered, given: Any
) -> None:
    life = Query(text("SELECT expires_at - created_at FROM refresh_families"))
    with transaction(SYSTEM) as tx:
        before = tx.rows(life)
    refresh(http, customer_app, given["refresh_token"])
    with transaction(SYSTEM) as tx:
        assert tx.rows(life) == before
        assert before[0][0].days == 30


def test_client_without_the_grant_gets_no_refresh_token(cem: Browser, register: Any) -> None:
    client = register(Channel.INTERNET, auth_method="none", grants=["authorization_code"], redirect_uris=[CALLBACK])
    assert "refresh_token" not in cem.redeem(client, cem.code_for(client)).get_json()
