"""An interaction that somebody hides after all is told to nobody any more who may not see it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Cast
from tests.webhooks.conftest import Deliver, Register, feed
from tests.webhooks.operations import finish
from tests.webhooks.receiver import Receiver
from tests.webhooks.test_audience import states
from tests.webhooks.test_replay import ask

SAID = {"channel": "phone", "kind": "inquiry", "direction": "in", "visibility": "shared", "body": "Gizli kalmalıydı"}


def record(cast: Cast, by: str = "ayse") -> str:
    """An interaction that everybody sees who sees its customer."""
    made = getattr(cast, by).post("/interactions", {**SAID, "customer_id": str(cast.cem_id)})
    return str(made.get_json()["id"])


def hide(cast: Cast, interaction: str, visibility: str = "internal") -> None:
    corrected = cast.ayse.patch(f"/interactions/{interaction}", {"visibility": visibility}, version=1)
    assert corrected.status_code == 200


@pytest.mark.parametrize("who", ["eskisehir", "cem"])
def test_hidden_interaction_is_not_polled(cast: Cast, who: str) -> None:
    hide(cast, record(cast))
    assert getattr(cast, who).events("type=interaction.*") == []
    assert len(cast.ayse.events("type=interaction.*")) == 2


def test_customer_polls_what_was_said_of_their_matter_until_it_is_hidden(cast: Cast) -> None:
    opened = cast.ayse.post("/matters", {"customer_id": str(cast.cem_id), "subject": "Gizli", "kind": "complaint"})
    before = [each["type"] for each in cast.cem.events("type=matter.*")]
    cast.ayse.patch(f"/matters/{opened.get_json()['id']}", {"internal": True}, version=1)
    assert (before, cast.cem.events("type=matter.*")) == (["matter.opened"], [])


@pytest.mark.parametrize(("visibility", "left"), [("internal", "cancelled"), ("partner", "pending")])
def test_what_waits_is_withdrawn_from_those_who_may_not_see_it(
    cast: Cast, receiver: Receiver, register: Register, visibility: str, left: str
) -> None:
    cast.ayse.post(f"/customers/{cast.cem_id}/shares", {"partner": "ankara"})
    feed()
    for partner in (cast.eskisehir, cast.ankara):
        register(partner, "interaction.created")
    interaction = record(cast, by="eskisehir")
    feed()
    hide(cast, interaction, visibility)
    feed()
    assert sorted(states()) == sorted([("cancelled", "interaction.created"), (left, "interaction.created")])


def test_message_about_it_is_not_shown_to_its_owner(cast: Cast, receiver: Receiver, register: Register) -> None:
    register(cast.eskisehir, "interaction.created")
    interaction = record(cast)
    feed()
    path = f"/webhooks/messages/{cast.eskisehir.get('/webhooks/messages').get_json()['items'][0]['id']}"
    shown: list[Any] = [cast.eskisehir.get(path).get_json()["payload"]["data"]["id"]]
    hide(cast, interaction)
    shown.append(cast.eskisehir.get(path).get_json()["payload"])
    assert shown == [interaction, None]


def test_it_is_not_replayed(cast: Cast, receiver: Receiver, register: Register, deliver: Deliver) -> None:
    hide(cast, record(cast))
    deliver()
    endpoint = register(cast.eskisehir, "interaction.*")
    assert finish(cast.eskisehir, ask(cast.eskisehir, endpoint))["result"] == {"sent": 0}
    deliver()
    assert receiver.messages == []
