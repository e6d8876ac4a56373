"""Secrets of settings: taken apart at any depth, kept when left out, and never carried to another host."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.rest import Rest
from gateway.errors import Invalid
from gateway.sync import sealing
from gateway.sync.models import SyncLink

OAUTH = {"token_url": "https://giris.example/token", "client_id": "köprü", "client_secret": "çok-gizli"}
STORED = {"base_url": "https://bayi.example/api", "auth": "oauth", "oauth": OAUTH}


@pytest.fixture
def link(monkeypatch: pytest.MonkeyPatch) -> SyncLink:
    monkeypatch.setattr(sealing, "opened", lambda _: STORED)
    return SyncLink(connector="rest")


def without_secret(**changed: Any) -> dict[str, Any]:
    return {name: value for name, value in {**OAUTH, **changed}.items() if name != "client_secret"}


def test_nested_secrets_are_taken_apart_and_put_together() -> None:
    plain, secret = sealing.split(Rest.Settings(), STORED)
    assert (plain["oauth"], secret) == (without_secret(), {"oauth": {"client_secret": "çok-gizli"}})
    assert sealing.join(plain, secret) == STORED


def test_nested_secret_that_is_left_out_is_kept(link: SyncLink) -> None:
    given = {**STORED, "oauth": without_secret(scope="crm")}
    assert sealing.completed(link, given) == {**STORED, "oauth": {**OAUTH, "scope": "crm"}}


def test_secret_of_a_part_that_is_gone_does_not_come_back(link: SyncLink) -> None:
    given = {"base_url": "https://bayi.example/api", "auth": "none"}
    assert sealing.completed(link, given) == given


@pytest.mark.parametrize(
    "given",
    [
        {**STORED, "base_url": "https://saldirgan.example/api", "oauth": without_secret()},
        {**STORED, "oauth": without_secret(token_url="https://saldirgan.example/token")},
    ],
)
def test_no_kept_secret_follows_to_another_host(link: SyncLink, given: dict[str, Any]) -> None:
    assert sealing.completed(link, given) == given


def test_no_kept_password_follows_to_another_server_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = {"place": "sftp", "host": "dosya.example", "username": "köprü", "password": "çok-gizli"}
    monkeypatch.setattr(sealing, "opened", lambda _: stored)
    here, elsewhere = ({**stored, "host": host, "port": 2222} for host in ("Dosya.example", "saldirgan.example"))
    told = [{name: value for name, value in each.items() if name != "password"} for each in (here, elsewhere)]
    link = SyncLink(connector="csv_drop")
    assert [sealing.completed(link, each) for each in told] == [here, told[1]]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"streams": {"customers": {"path": "/c", "fields": [{}, {}, {}, {"as": "eval"}]}}}, "/fields/3/as"),
        ({"streams": {"customers": {"path": "c"}}}, "/settings/streams/customers/path"),
        ({"oauth": without_secret()}, "/settings/oauth/client_secret"),
    ],
)
def test_wrong_description_is_refused_at_its_place(wrong: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as caught:
        sealing.check("rest", {**STORED, **wrong})
    assert [each["pointer"] for each in caught.value.errors if each["pointer"].endswith(pointer)]
