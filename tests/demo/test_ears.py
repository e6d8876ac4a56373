"""A dealer that is told of changes: what it believes, and what it keeps."""

import json
import time

import pytest

from demo.ears import Ears
from demo.endpoints import Endpoints, Request
from demo.knocks import new_secret, signed
from demo.outage import Outage
from demo.records import Record
from demo.store import Store
from tests.demo.conftest import TOKEN

BODY = json.dumps({"id": "1", "type": "customer.updated", "data": {"given_name": "Işıl"}}).encode()


@pytest.fixture
def secret() -> str:
    return new_secret()


def said(endpoints: Endpoints, headers: dict[str, str], body: bytes = BODY) -> int:
    """How a message is answered."""
    return endpoints.answer(Request("POST", "/kanca", headers, body)).status


def test_signed_message_is_kept_once(secret: str) -> None:
    ears = Ears(secret)
    assert [ears.hear(signed(secret, BODY), BODY) for _ in range(2)] == [True, True]
    assert [each["type"] for each in ears.heard()] == ["customer.updated"]


@pytest.mark.parametrize(
    "headers",
    [
        signed(new_secret(), BODY),
        {"webhook-id": "msg_1", "webhook-timestamp": str(int(time.time())), "webhook-signature": "v1,ığ"},
        {},
    ],
)
def test_message_of_a_stranger_is_not_taken(secret: str, headers: dict[str, str]) -> None:
    ears = Ears(secret)
    assert not ears.hear(headers, BODY)
    assert ears.heard() == []


def test_copied_message_is_too_old(secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    headers, later = signed(secret, BODY), time.time() + 301
    monkeypatch.setattr(time, "time", lambda: later)
    assert not Ears(secret).hear(headers, BODY)


def test_dealer_that_is_down_hears_nothing_and_staff_see_what_it_heard(secret: str, store: Store) -> None:
    outage = Outage()
    endpoints = Endpoints(store, "trabzon", TOKEN, outage, Ears(secret))
    outage.begin(60)
    assert said(endpoints, signed(secret, BODY)) == 503
    outage.begin(0)
    assert said(endpoints, signed(secret, BODY)) == 204
    heard: list[Record] = json.loads(endpoints.answer(Request("GET", "/kanca", {"X-Api-Key": TOKEN})).body)
    assert [each["data"]["given_name"] for each in heard] == ["Işıl"]


def test_dealer_without_ears_has_no_such_address(store: Store, secret: str) -> None:
    assert said(Endpoints(store, "izmir", TOKEN), signed(secret, BODY)) == 404
