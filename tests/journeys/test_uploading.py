"""A file as it comes over the wire: the front asks who may bring one before it reads it."""

from __future__ import annotations

import pytest
import requests

from gateway.channels import Caller, Channel
from gateway.db import transaction
from gateway.oauth import keys
from tests.conftest import add_machine

PEOPLE = "Müşteri No;Ad;Soyad\n" + "".join(f"Ş-{number};Işıl;Çağrı\n" for number in range(100_000))


@pytest.fixture(scope="module")
def bearer(web: str) -> dict[str, str]:
    with transaction(Caller.system("test")) as tx:
        keys.ensure_first_key(tx)
        client_id, secret = add_machine(tx, "portal", Channel.INTRANET, None)
    form = {"grant_type": "client_credentials"}
    token = requests.post(f"{web}/oauth/token", data=form, auth=(client_id, secret), timeout=20).json()
    return {"Authorization": f"Bearer {token['access_token']}", "Content-Type": "text/csv"}


def test_file_larger_than_any_body_comes_in(web: str, bearer: dict[str, str]) -> None:
    answer = requests.post(f"{web}/intranet/v1/imports", data=PEOPLE.encode(), headers=bearer, timeout=60)
    assert (answer.status_code, answer.json()["rows"]) == (201, 100_000)


def test_stranger_may_bring_no_more_than_any_body(web: str) -> None:
    headers = {"Content-Type": "text/csv", "Authorization": "Bearer yok"}
    answer = requests.post(f"{web}/intranet/v1/imports", data=PEOPLE.encode(), headers=headers, timeout=60)
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")
