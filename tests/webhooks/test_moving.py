"""Merged customers and what is on its way about them: told to whoever knew, and to nobody whose share has ended."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Cast
from tests.sync.conftest import rows
from tests.webhooks.conftest import Deliver, Register, feed
from tests.webhooks.receiver import Receiver

CALL = {"channel": "phone", "kind": "inquiry", "direction": "in"}


def made(answer: Any) -> str:
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


@pytest.fixture
def two(cast: Cast) -> dict[str, str]:
    """Two records of one Şule, of which Ankara sees the one that is lost."""
    return {
        "keep_id": made(cast.ayse.post("/customers", {"kind": "person", "given_name": "Şule"})),
        "lose_id": made(cast.ankara.post("/customers", {"kind": "person", "given_name": "Sule"})),
    }


def test_what_happened_just_before_the_merge_is_still_told(
    cast: Cast, two: dict[str, str], receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    register(cast.ankara, "customer.merged", "interaction.*")
    call = made(cast.ankara.post("/interactions", {**CALL, "customer_id": two["lose_id"]}))
    made(cast.ayse.post("/identity/merges", two))
    deliver()
    told = {each.event_type: each.data for each in receiver.messages}
    assert told["interaction.created"]["id"] == call
    assert (told["customer.merged"]["id"], told["customer.merged"]["merged_id"]) == (two["keep_id"], two["lose_id"])


def test_what_waits_is_withdrawn_when_the_survivor_is_no_longer_shared(
    cast: Cast, two: dict[str, str], receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    register(cast.ankara, "interaction.*")
    made(cast.ankara.post("/interactions", {**CALL, "customer_id": two["lose_id"]}))
    made(cast.ayse.post("/identity/merges", two))
    feed()
    assert rows("SELECT status FROM webhook_deliveries") == [("pending",)]
    cast.ayse.delete(f"/customers/{two['keep_id']}/shares/ankara")
    feed()
    assert rows("SELECT status FROM webhook_deliveries") == [("cancelled",)]


def test_thin_message_names_the_id_that_leads_here(
    cast: Cast, two: dict[str, str], receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    wish = {"url": receiver.url, "event_types": ["customer.merged"], "payload": "thin"}
    made(cast.ankara.post("/webhooks/endpoints", wish))
    made(cast.ayse.post("/identity/merges", two))
    deliver()
    [told] = [each.data for each in receiver.messages]
    assert (told["merged_id"], told["url"]) == (two["lose_id"], f"/extranet/v1/customers/{two['keep_id']}")
