"""What the demo loads into an installation."""

from __future__ import annotations

from pathlib import Path

from demo import load
from demo.world import CLIENTS
from gateway.channels import Channel
from gateway.db import Transaction
from gateway.oauth import service as oauth
from gateway.oauth.scopes import scopes_on


def test_whatever_a_channel_offers_its_clients_may_try_also_in_an_older_world(
    system: Transaction, tmp_path: Path
) -> None:
    load.load_world(system, tmp_path, 8000)
    oauth.change_scopes(system, oauth.find_client(system, "trabzon-legacy"), ["customers:read"])
    load.load_world(system, tmp_path, 8000)
    allowed = {each.client_id: set(oauth.find_client(system, each.client_id).scopes) for each in CLIENTS}
    assert allowed == {each.client_id: scopes_on(Channel(each.channel)) for each in CLIENTS}
