"""A sample for trying an endpoint."""

from __future__ import annotations

import pytest

from tests.conftest import Cast
from tests.webhooks.conftest import Deliver, Register
from tests.webhooks.receiver import Receiver


def test_sample_is_signed_marked_and_shown_as_the_owner_would_see_it(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    deliver()
    endpoint = register(cast.ankara, "interaction.*")
    sent = cast.ankara.post(f"/webhooks/endpoints/{endpoint['id']}/test")
    deliver()
    (message,) = receiver.messages
    body = message.opened_with(endpoint["secret"])
    assert (body["type"], body["test"], body["id"]) == ("interaction.created", True, sent.get_json()["event_id"])
    assert "cost" not in body["data"]
    assert (sent.status_code, sent.get_json()["trigger"]) == (202, "test")
    assert cast.ankara.get(sent.headers["Location"]).get_json()["payload"] == body


def test_sample_of_a_type_that_is_not_sent_there_is_refused(cast: Cast, register: Register) -> None:
    path = f"/webhooks/endpoints/{register(cast.ankara)['id']}/test"
    answer = cast.ankara.post(path, {"type": "sync.run.failed"})
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "/type")


def test_sample_is_no_event(cast: Cast, receiver: Receiver, register: Register, deliver: Deliver) -> None:
    deliver()
    register(cast.ayse)
    endpoint = register(cast.ankara)
    cast.ankara.post(f"/webhooks/endpoints/{endpoint['id']}/test", {"type": "customer.created"})
    deliver()
    assert len(receiver.messages) == 1


@pytest.mark.parametrize("path", ["test", "replay", "recover"])
def test_nothing_is_sent_to_a_disabled_endpoint(cast: Cast, register: Register, path: str) -> None:
    endpoint = f"/webhooks/endpoints/{register(cast.ayse)['id']}"
    cast.ayse.patch(endpoint, {"status": "disabled"}, 1)
    answer = cast.ayse.post(f"{endpoint}/{path}", {} if path == "test" else {"since": "2026-01-01T00:00:00Z"})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "endpoint_disabled")
