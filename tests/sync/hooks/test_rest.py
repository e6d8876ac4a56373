"""The `rest` connector at our door, by its settings alone."""

from __future__ import annotations

import hmac
import json
from typing import Any

from gateway.db import transaction
from gateway.sync import jobs, service
from tests.conftest import Cast
from tests.sync.conftest import SYSTEM, Dealer, rows, run_of

SECRET = "paylaşılan-uzun-anahtar"


def open_door(dealer: Dealer) -> None:
    """Have the dealer's system sign what it sends."""
    with transaction(SYSTEM) as tx:
        link = service.get_link(tx, dealer.link_id)
        inbound = {"kind": "hmac", "secrets": [SECRET], "header": "X-Signature", "prefix": "sha256="}
        streams = {name: {"path": f"/{name}", "delivered": name} for name in ("customers", "interactions")}
        service.change_settings(tx, link, {**link.settings, "inbound": inbound, "streams": streams})


def sent(cast: Cast, dealer: Dealer, said: Any, secret: str = SECRET) -> int:
    """The status of our answer to a delivery."""
    body = json.dumps(said).encode()
    headers = {"X-Signature": f"sha256={hmac.new(secret.encode(), body, 'sha256').hexdigest()}"}
    return cast.ayse.client.post(f"/hooks/{dealer.link_id}", data=body, headers=headers).status_code


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
