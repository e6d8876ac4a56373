"""Another password, or a disabled account, ends everything that was given before."""

from typing import Any

import pytest
from sqlalchemy import text

from gateway.accounts import service as accounts
from gateway.channels import Channel
from gateway.db import Query, Transaction, transaction
from gateway.errors import InvalidToken
from gateway.oauth import standing
from tests.oauth.conftest import SYSTEM, Browser, Registered


def change_password(tx: Transaction, user: Any) -> None:
    accounts.change_password(tx, user, "başka bir gizli söz")


def disable_and_enable(tx: Transaction, user: Any) -> None:
    accounts.set_status(tx, user, "disabled")
    accounts.set_status(tx, user, "active")


@pytest.mark.parametrize("change", [change_password, disable_and_enable])
def test_what_was_given_before_is_worth_nothing(
    cem: Browser, customer_app: Registered, people: Any, enter: Any, change: Any
) -> None:
    body = cem.redeem(customer_app, cem.code_for(customer_app)).get_json()
    with transaction(SYSTEM) as tx:
        change(tx, accounts.get(tx, people["cem"]))
        tx.session.flush()
        tx.run(Query(text("UPDATE users SET credentials_changed_at = credentials_changed_at + interval '1 minute'")))
    standing.expire()
    with pytest.raises(InvalidToken):
        enter(body["access_token"], Channel.INTERNET)
    form = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"], "client_id": customer_app.client_id}
    assert cem.http.post("/oauth/token", data=form).get_json()["error"] == "invalid_grant"
    assert cem.http.get(cem.ask(customer_app)).headers["Location"].startswith("/oauth/sign-in")


def test_signing_in_with_the_new_password_works_at_once(
    browser: Browser, customer_app: Registered, people: Any, enter: Any
) -> None:
    with transaction(SYSTEM) as tx:
        change_password(tx, accounts.get(tx, people["cem"]))
    assert browser.sign_in("cem", "başka bir gizli söz").status_code == 303
    body = browser.redeem(customer_app, browser.code_for(customer_app)).get_json()
    assert enter(body["access_token"], Channel.INTERNET).username == "cem"
