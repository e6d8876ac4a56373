"""Endpoints through the API: whose they are, what is refused, and that the secret is shown once."""

from typing import Any

import pytest

from tests.conftest import Cast
from tests.webhooks.conftest import Deliver, Register, attempts_of, make_due
from tests.webhooks.receiver import Receiver, answer
from tests.webhooks.test_delivery import rename

PATHS = [
    ("GET", "", None),
    ("PATCH", "", {"description": "x"}),
    ("DELETE", "", None),
    ("GET", "/attempts", None),
    ("POST", "/rotate", None),
    ("POST", "/recover", {"since": "2026-01-01T00:00:00Z"}),
    ("POST", "/attempts/0199f3c2-0000-7000-8000-000000000001/resend", None),
]


def test_secret_is_shown_in_one_answer_and_never_again(cast: Cast, register: Register) -> None:
    endpoint = register(cast.eskisehir, "customer.*")
    assert endpoint["secret"].startswith("whsec_")
    shown = cast.eskisehir.get(f"/webhooks/endpoints/{endpoint['id']}")
    assert {**shown.get_json(), "secret": endpoint["secret"]} == endpoint
    assert endpoint["secret"] not in cast.ayse.get("/webhooks/endpoints").text


@pytest.mark.parametrize(("method", "path", "body"), PATHS)
def test_partner_cannot_reach_anothers_endpoint(
    cast: Cast, register: Register, method: str, path: str, body: dict[str, str] | None
) -> None:
    endpoint = register(cast.eskisehir)
    headers = {"If-Match": '"1"'} if method == "PATCH" else {}
    asked = cast.ankara.open(method, f"/webhooks/endpoints/{endpoint['id']}{path}", json=body, headers=headers)
    assert asked.status_code == 404
    assert cast.ankara.get("/webhooks/endpoints").get_json()["items"] == []


def test_intranet_sees_everyones_endpoints_and_whose_they_are(cast: Cast, register: Register) -> None:
    for api in (cast.eskisehir, cast.ankara, cast.ayse):
        register(api)
    items = cast.ayse.get("/webhooks/endpoints").get_json()["items"]
    assert [(each["channel"], each["partner"]) for each in items] == [
        ("extranet", "eskisehir"), ("extranet", "ankara"), ("intranet", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "pointer", "code"),
    [
        ("url", "https://10.0.0.1/", "/url", "address_refused"),
        ("url", "https://[fd00:ec2::254]/latest", "/url", "address_refused"),
        ("url", "https://yok.invalid/", "/url", "unresolvable"),
        ("url", "https://u:p@127.0.0.1/", "/url", "userinfo_refused"),
        ("url", "ftp://127.0.0.1/", "/url", "scheme_refused"),
        ("url", "http://8.8.8.8/", "/url", "scheme_refused"),
        ("url", "https://8.8.8.8:25/", "/url", "port_refused"),
        ("event_types", ["customer.*", "custmer.*"], "/event_types/1", "unknown_event"),
        ("event_types", [], "/event_types", "invalid"),
        ("secret", "whsec_benim", "/secret", "invalid"),
        ("parola", "x", "/parola", "unknown_field"),
    ],
)
def test_what_could_never_work_is_refused_at_once(
    cast: Cast, receiver: Receiver, field: str, value: Any, pointer: str, code: str
) -> None:
    body = {"url": receiver.url, "event_types": ["*"], field: value}
    refused = cast.eskisehir.post("/webhooks/endpoints", body)
    assert refused.status_code == 422
    assert [(each["pointer"], each["code"]) for each in refused.get_json()["errors"]] == [(pointer, code)]


def test_change_needs_the_version_and_checks_the_new_address(cast: Cast, register: Register) -> None:
    path = f"/webhooks/endpoints/{register(cast.eskisehir)['id']}"
    assert cast.eskisehir.patch(path, {"description": "İş"}).status_code == 428
    assert cast.eskisehir.patch(path, {"description": "İş"}, 7).status_code == 412
    assert cast.eskisehir.patch(path, {"url": "https://192.168.1.1/"}, 1).status_code == 422
    changed = cast.eskisehir.patch(path, {"description": "İş", "event_types": ["interaction.*"]}, 1)
    assert (changed.status_code, changed.headers["ETag"][:3]) == (200, '"2-')


def test_deleted_endpoint_is_gone_and_hears_no_more(
    cast: Cast, register: Register, receiver: Receiver, deliver: Deliver
) -> None:
    deliver()
    endpoint = register(cast.ayse)
    rename(cast)
    assert cast.ayse.delete(f"/webhooks/endpoints/{endpoint['id']}").status_code == 204
    deliver()
    assert cast.ayse.get(f"/webhooks/endpoints/{endpoint['id']}").status_code == 404
    assert receiver.messages == []


def test_disabled_endpoint_gets_what_waited_once_it_is_active_again(
    cast: Cast, register: Register, receiver: Receiver, deliver: Deliver
) -> None:
    deliver()
    path = f"/webhooks/endpoints/{register(cast.ayse)['id']}"
    receiver.answering = answer(410)
    rename(cast)
    deliver()
    receiver.answering = answer(200)
    make_due()
    deliver()
    assert len(receiver.messages) == 1
    assert cast.ayse.patch(path, {"status": "active"}, 2).get_json()["disabled_reason"] is None
    deliver()
    assert len({message.headers["webhook-id"] for message in receiver.messages}) == 1 < len(receiver.messages)


def test_attempts_are_paged_newest_first_without_loss(
    cast: Cast, register: Register, receiver: Receiver, deliver: Deliver
) -> None:
    deliver()
    endpoint = register(cast.eskisehir, "customer.updated")
    for number in range(5):
        rename(cast, given_name=f"Cem {number}")
    deliver()
    path: str | None = f"/webhooks/endpoints/{endpoint['id']}/attempts?limit=2"
    walked: list[dict[str, Any]] = []
    while path:
        page = cast.eskisehir.get(path).get_json()
        walked += page["items"]
        path = page["next"] and f"/webhooks/endpoints/{endpoint['id']}/attempts?limit=2&cursor={page['next']}"
    assert walked == attempts_of(cast.eskisehir, endpoint)
    assert len(walked) == 5
    assert [each["attempted_at"] for each in walked] == sorted((e["attempted_at"] for e in walked), reverse=True)


def test_customer_has_no_door_to_endpoints(cast: Cast) -> None:
    assert cast.cem.get("/webhooks/endpoints").status_code == 404
