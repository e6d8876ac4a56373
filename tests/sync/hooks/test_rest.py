"""The `rest` connector at our door, by its settings alone."""

from __future__ import annotations

import hmac
import json
from typing import Any

import pytest

from gateway.db import transaction
from gateway.sync import jobs, service
from gateway.sync.hooks.jobs import start_left
from tests.conftest import Cast
from tests.sync.conftest import SYSTEM, Dealer, rows, run_of

SECRET = "paylaşılan-uzun-anahtar"


def open_door(dealer: Dealer, **more: Any) -> None:
    """Have the dealer's system sign what it sends."""
    with transaction(SYSTEM) as tx:
        link = service.get_link(tx, dealer.link_id)
        inbound = {"kind": "hmac", "secrets": [SECRET], "header": "X-Signature", "prefix": "sha256=", **more}
        streams = {name: {"path": f"/{name}", "delivered": name} for name in ("customers", "interactions")}
        service.change_settings(tx, link, {**link.settings, "inbound": inbound, "streams": streams})


def sent(cast: Cast, dealer: Dealer, said: Any, secret: str = SECRET, **named: str) -> int:
    """The status of our answer to a delivery."""
    body = json.dumps(said).encode()
    headers = {"X-Signature": f"sha256={hmac.new(secret.encode(), body, 'sha256').hexdigest()}", **named}
    return cast.ayse.client.post(f"/hooks/{dealer.link_id}", data=body, headers=headers).status_code


def work() -> None:
    """Work on the run that waits."""
    [(run_id,)] = rows("SELECT id FROM sync_runs WHERE status = 'queued'")
    jobs.run(str(run_id))
    assert run_of(run_id).status == "succeeded"


def test_a_link_receives_what_its_settings_describe(dealer: Dealer, cast: Cast) -> None:
    open_door(dealer)
    said = {"customers": [{"external_id": "C-9", "kind": "person", "given_name": "Işıl"}]}
    assert (sent(cast, dealer, said), sent(cast, dealer, said, "yanlış-anahtar-yanlış")) == (202, 401)
    (run_id,) = rows("SELECT id FROM sync_runs")[0]
    jobs.run(str(run_id))
    assert (run_of(run_id).status, dealer.record("customers", "C-9") is not None) == ("succeeded", True)


def test_a_link_without_such_settings_receives_nothing(dealer: Dealer, cast: Cast) -> None:
    assert sent(cast, dealer, {}) == 401


def test_the_secrets_of_the_door_are_not_shown(dealer: Dealer, cast: Cast) -> None:
    open_door(dealer)
    shown = cast.ayse.get(f"/sync/links/{dealer.link_id}").text
    assert "X-Signature" in shown and SECRET not in shown and "secrets" not in shown


@pytest.mark.parametrize("copy", [{"Teslim": "d-2"}, {}, {"Teslim": "d" * 201}])
def test_a_copy_under_another_id_is_stored_once_and_asks_the_partner(
    dealer: Dealer, cast: Cast, copy: dict[str, str]
) -> None:
    open_door(dealer, id_header="Teslim")
    name = dealer.add_customer("Yeni")
    old = {"customers": [{"external_id": name, "kind": "person", "given_name": "Eski"}]}
    sent(cast, dealer, old, Teslim="d-1")
    work()
    dealer.sync()
    assert sent(cast, dealer, old, **copy) == 202
    assert rows("SELECT is_hint, status FROM sync_received") == [(True, "waiting")]
    rows("UPDATE sync_runs SET finished_at = now() - interval '1 min' RETURNING 1")
    start_left()
    work()
    assert rows("SELECT is_hint, status FROM sync_received") == [(True, "done")]
    assert rows("SELECT given_name FROM customers WHERE id = :id", id=dealer.record("customers", name)) == [("Yeni",)]


def test_the_same_words_under_a_new_id_are_not_lost(dealer: Dealer, cast: Cast) -> None:
    open_door(dealer, id_header="Teslim")
    said = [{"customers": [{"external_id": "C-1", "kind": "person", "given_name": name}]} for name in ("Işıl", "Işık")]
    for number, each in enumerate((*said, said[0])):
        sent(cast, dealer, each, Teslim=f"d-{number}")
    assert rows("SELECT is_hint, status FROM sync_received ORDER BY number") == [(True, "waiting"), (False, "waiting")]
    dealer.add_customer("Işıl")
    work()
    start_left()  # what came while a run was under way is asked for by the next
    work()
    assert rows("SELECT given_name FROM customers WHERE family_name = 'Yıldız'") == [("Işıl",)]
    assert rows("SELECT DISTINCT status FROM sync_received") == [("done",)]


def test_deliveries_that_only_say_that_something_changed_each_make_a_round(dealer: Dealer, cast: Cast) -> None:
    open_door(dealer, id_header="Teslim")
    for number in range(2):
        sent(cast, dealer, {}, Teslim=f"d-{number}")
        assert rows("SELECT is_hint, status FROM sync_received") == [(True, "waiting")]
        start_left()
        work()
        assert rows("SELECT is_hint, status FROM sync_received") == [(True, "done")]
