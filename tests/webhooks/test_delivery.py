"""From a change through the API to a receiver, and nothing to those who may not know."""

from typing import Any

from tests.conftest import Cast
from tests.webhooks.conftest import HASTE_SECONDS, Deliver, Register, attempts_of
from tests.webhooks.receiver import Receiver, answer, drip, receiving


def rename(cast: Cast, **patch: Any) -> None:
    version = cast.ayse.get(f"/customers/{cast.cem_id}").get_json()["version"]
    changed = cast.ayse.patch(f"/customers/{cast.cem_id}", patch or {"given_name": "İğşı"}, version)
    assert changed.status_code == 200, changed.text


def test_receiver_gets_a_message_that_an_independent_verifier_accepts(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    deliver()
    endpoint = register(cast.eskisehir, "customer.*")
    rename(cast)
    deliver()
    (message,) = receiver.messages
    body = message.opened_with(endpoint["secret"])
    assert (body["type"], body["data"]["given_name"]) == ("customer.updated", "İğşı")
    assert body["id"] == message.headers["webhook-id"]
    assert message.headers["content-type"] == "application/json"
    (attempt,) = attempts_of(cast.eskisehir, endpoint)
    assert (attempt["status"], attempt["http_status"], attempt["error"]) == ("delivered", 204, None)
    assert (attempt["event_id"], attempt["endpoint_id"]) == (body["id"], endpoint["id"])


def test_traceparent_of_the_call_goes_on_with_the_message(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    deliver()
    register(cast.eskisehir, "interaction.created")
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    call = {"customer_id": str(cast.cem_id), "channel": "phone", "kind": "inquiry", "direction": "in"}
    for sent in (trace, f"{trace}\x7f"):
        cast.eskisehir.post("/interactions", call, headers={"traceparent": sent})
    deliver()
    assert sorted(str(message.headers.get("traceparent")) for message in receiver.messages) == [trace, "None"]


def test_message_shows_what_the_api_shows_its_owner(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    deliver()
    cast.ayse.post(f"/customers/{cast.cem_id}/shares", {"partner": "ankara"})
    for api in (cast.eskisehir, cast.ankara, cast.ayse):
        register(api, "customer.updated", url=f"{receiver.url}/{api.channel}-{api.partner_id}")
    rename(cast)
    deliver()
    told = {message.path.rpartition("/")[2]: message.data for message in receiver.messages}
    assert len(told) == 3
    for api in (cast.eskisehir, cast.ankara, cast.ayse):
        assert told[f"{api.channel}-{api.partner_id}"] == api.get(f"/customers/{cast.cem_id}").get_json()


def test_partner_never_hears_of_anothers_customers(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    register(cast.ankara, "*")
    rename(cast)
    cast.eskisehir.post("/interactions", {"customer_id": str(cast.cem_id), "channel": "phone", "kind": "inquiry",
                                          "direction": "in", "visibility": "shared"})  # fmt: skip
    deliver()
    assert receiver.messages == []


def test_edit_of_a_hidden_field_sends_its_owner_nothing(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    register(cast.eskisehir, "customer.updated")
    rename(cast, internal_note="Gizli not: ğüş")
    rename(cast, tax_id=None)
    deliver()
    assert receiver.messages == []


def test_edit_of_a_field_its_agreement_grants_is_told(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    cast.ayse.post(f"/customers/{cast.cem_id}/shares", {"partner": "ankara"})
    for api in (cast.eskisehir, cast.ankara):
        register(api, "customer.updated")
    rename(cast, birth_date="1981-01-02")
    deliver()
    assert [message.data["birth_date"] for message in receiver.messages] == ["1981-01-02"]


def test_unsharing_is_the_last_thing_a_partner_hears(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    deliver()
    register(cast.eskisehir, "*")
    cast.ayse.delete(f"/customers/{cast.cem_id}/shares/eskisehir")
    rename(cast)
    deliver()
    assert [message.event_type for message in receiver.messages] == ["customer.unshared"]


def test_redirect_is_a_failure_and_never_followed(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    deliver()
    with receiving() as elsewhere:
        receiver.answering = answer(307, {"Location": elsewhere.url})
        endpoint = register(cast.ayse, "customer.updated")
        rename(cast)
        deliver()
        assert (len(receiver.messages), elsewhere.messages) == (1, [])
    (attempt,) = attempts_of(cast.ayse, endpoint)
    assert (attempt["status"], attempt["http_status"], attempt["error"]) == ("failed", 307, "redirect")


def test_answer_that_drips_ends_at_the_total_deadline(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver, hasty: None
) -> None:
    receiver.answering = drip(20.0)
    endpoint = register(cast.ayse, "customer.updated")
    rename(cast)
    deliver()
    (attempt,) = attempts_of(cast.ayse, endpoint)
    assert (attempt["status"], attempt["error"]) == ("failed", "timeout")
    assert 0.9 * HASTE_SECONDS <= attempt["duration_ms"] / 1000 <= 10 * HASTE_SECONDS


def test_address_that_is_no_longer_allowed_is_refused_at_delivery(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver, strict_sender: None
) -> None:
    endpoint = register(cast.ayse, "customer.updated")
    rename(cast)
    deliver()
    (attempt,) = attempts_of(cast.ayse, endpoint)
    assert (attempt["status"], attempt["error"], attempt["http_status"]) == ("refused", "address_refused", None)
    assert receiver.messages == []


def test_gone_disables_the_endpoint(cast: Cast, receiver: Receiver, register: Register, deliver: Deliver) -> None:
    receiver.answering = answer(410)
    endpoint = register(cast.ayse, "customer.updated")
    rename(cast)
    deliver()
    shown = cast.ayse.get(f"/webhooks/endpoints/{endpoint['id']}").get_json()
    assert (shown["status"], "410" in shown["disabled_reason"]) == ("disabled", True)


def test_many_messages_share_few_connections(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    deliver()
    register(cast.ayse, "customer.updated")
    for number in range(30):
        rename(cast, given_name=f"Cem {number}")
    deliver()
    assert len({message.headers["webhook-id"] for message in receiver.messages}) == 30
    assert receiver.connections <= 12
