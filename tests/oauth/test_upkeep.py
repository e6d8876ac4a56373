"""Nothing the authorization server remembers is kept for ever."""

from typing import Any

import pytest
from sqlalchemy import text

from gateway.db import Query, transaction
from gateway.oauth import jobs
from gateway.oauth.families import GRACE_SECONDS
from gateway.queue import chores
from tests.oauth.conftest import SYSTEM, Browser


def count(table: str) -> int:
    with transaction(SYSTEM) as tx:
        row = tx.first(Query(text(f"SELECT count(*) FROM {table}")))
        return int(row[0]) if row else 0


def run(statement: str) -> None:
    with transaction(SYSTEM) as tx:
        tx.run(Query(text(statement)))


@pytest.fixture
def traces(cem: Browser, customer_app: Any, http: Any) -> None:
    """One of everything a sign-in, a code, a refresh and a revocation leave behind."""
    body = cem.redeem(customer_app, cem.code_for(customer_app)).get_json()
    form = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"], "client_id": customer_app.client_id}
    http.post("/oauth/token", data=form)
    http.post("/oauth/revoke", data={"token": body["access_token"], "client_id": customer_app.client_id})
    run("INSERT INTO assertion_ids VALUES ('kc_x', 'mark', now())")


EXPIRING = [
    "authorization_codes",
    "assertion_ids",
    "issued_tokens",
    "refresh_families",
    "revocations",
    "sign_in_sessions",
]


@pytest.mark.parametrize("table", EXPIRING)
def test_expired_rows_are_deleted_and_living_ones_stay(traces: None, table: str) -> None:
    before = count(table)
    jobs.purge_expired()
    assert count(table) == before > 0
    run(f"UPDATE {table} SET expires_at = now() - interval '2 hours'")
    jobs.purge_expired()
    assert count(table) == 0


def test_refresh_tokens_go_with_their_family(traces: None) -> None:
    run("UPDATE refresh_families SET expires_at = now() - interval '1 second'")
    jobs.purge_expired()
    assert count("refresh_tokens") == 0


def test_successors_are_forgotten_after_the_grace(traces: None) -> None:
    assert count("refresh_tokens WHERE successor_sealed IS NOT NULL") == 1
    run(f"UPDATE refresh_tokens SET used_at = used_at - interval '{GRACE_SECONDS + 1} seconds'")
    jobs.purge_expired()
    assert count("refresh_tokens WHERE successor_sealed IS NOT NULL") == 0


def test_addresses_are_forgiven(browser: Browser, people: Any) -> None:
    browser.sign_in("cem", "yanlış parola")
    assert count("sign_in_addresses") == 1
    run("UPDATE sign_in_addresses SET updated_at = now() - interval '16 minutes'")
    jobs.purge_expired()
    assert count("sign_in_addresses") == 0


def test_upkeep_is_registered() -> None:
    registered = {work.__name__ for _, work in chores()}
    assert {"purge_expired", "turn_keys"} <= registered
