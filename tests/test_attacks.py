"""What an outsider tried against the running product, and once succeeded with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway import edge
from gateway.channels import Caller, Channel
from gateway.config import Settings
from gateway.db import new_id
from gateway.errors import MOST_ERRORS, TooManyRequests
from gateway.limits import Limiter
from schemas.record import MOST_ATTRIBUTE_BYTES
from tests.conftest import BASE_URL, Api, Cast

CALL = {"channel": "phone", "kind": "inquiry", "direction": "in"}


@pytest.fixture
def gul(standing_cast: Cast) -> dict[str, Any]:
    """A customer of Ankara's."""
    made: dict[str, Any] = standing_cast.ankara.post("/customers", {"kind": "person", "given_name": "Gül"}).get_json()
    return made


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host"])
def test_link_leads_to_our_own_address_whatever_host_is_named(standing_cast: Cast, gul: Any, header: str) -> None:
    standing_cast.ankara.post("/customers", {"kind": "person", "given_name": "Işıl"})
    page = standing_cast.ankara.get("/customers?limit=1", headers={header: "evil.example"})
    assert page.headers["Link"].startswith(f"<{BASE_URL}/extranet/v1/customers?")


@pytest.mark.parametrize("path", ["/partners/a%00b", "/customers/{}/shares/a%00b"])
def test_name_with_a_nul_is_not_there(standing_cast: Cast, gul: Any, path: str) -> None:
    method = "DELETE" if "shares" in path else "GET"
    assert standing_cast.ayse.open(method, path.format(gul["id"])).status_code == 404


@pytest.mark.parametrize("number", [2**64, 10**30, -(2**63) - 1])
def test_number_that_no_answer_could_carry_is_refused(standing_cast: Cast, number: int) -> None:
    person = {"kind": "person", "given_name": "Çok", "attributes": {"n": [number]}}
    answer = standing_cast.ankara.post("/customers", person)
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "/attributes/n/0")


def grow(api: Api, path: str) -> list[int]:
    """The answers to patch upon patch, each adding 30 kB of attributes."""
    patches = [{"attributes": {f"{number}-{each}": "ş" * 500 for each in range(30)}} for number in range(3)]
    return [api.patch(path, patch, version=number + 1).status_code for number, patch in enumerate(patches)]


def test_attributes_do_not_grow_patch_by_patch(standing_cast: Cast, gul: dict[str, Any]) -> None:
    """Every page of every list would carry them."""
    assert grow(standing_cast.ankara, f"/customers/{gul['id']}") == [200, 200, 422]
    kept = standing_cast.ankara.get(f"/customers/{gul['id']}?fields=attributes")
    assert len(kept.data) < MOST_ATTRIBUTE_BYTES + 100


def test_attributes_of_an_interaction_do_not_grow_either(standing_cast: Cast, gul: dict[str, Any]) -> None:
    made = standing_cast.ankara.post("/interactions", {**CALL, "customer_id": gul["id"]}).get_json()
    assert grow(standing_cast.ankara, f"/interactions/{made['id']}") == [200, 200, 422]


def test_null_empties_all_attributes_at_once(standing_cast: Cast) -> None:
    made = standing_cast.ankara.post("/customers", {"kind": "person", "given_name": "Ü", "attributes": {"a": 1}})
    changed = standing_cast.ankara.patch(f"/customers/{made.get_json()['id']}", {"attributes": None}, version=1)
    assert changed.get_json()["attributes"] == {}


@pytest.mark.parametrize(
    "body",
    [json.dumps({f"field_{number}": 1 for number in range(20_000)}), json.dumps({"a": ["\x00"] * 100_000})],
    ids=["unknown fields", "unstorable texts"],
)
def test_refusal_is_never_many_times_the_request(standing_cast: Cast, body: str) -> None:
    answer = standing_cast.ankara.post("/customers", data=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, len(answer.get_json()["errors"])) == (422, MOST_ERRORS)


def test_customer_cannot_use_up_the_other_customers_requests(settings: Settings) -> None:
    """They all come through one app, so through one client."""
    door = edge.Edge(settings, lambda *_: Caller(Channel.INTERNET), Limiter())
    greedy, other = (Caller(Channel.INTERNET, f"app-{new_id()}", user_id=new_id(), quota=(2, 3600)) for _ in range(2))
    other = Caller(Channel.INTERNET, greedy.client_id, user_id=other.user_id, quota=greedy.quota)
    for _ in range(2):
        edge._spend(door, greedy, {})
    with pytest.raises(TooManyRequests):
        edge._spend(door, greedy, {})
    edge._spend(door, other, {})


MOMENT = "2026-01-02T03:04:05Z"


@pytest.fixture
def verified(cast: Cast) -> dict[str, Any]:
    """Cem's e-mail address, verified by Ayşe."""
    path = f"/customers/{cast.cem_id}"
    point = {"kind": "email", "value": "cem@example.com", "verified_at": MOMENT}
    shown: dict[str, Any] = cast.ayse.patch(path, {"contact_points": [point]}, version=1).get_json()
    return dict(shown["contact_points"][0])


@pytest.mark.parametrize(
    ("changed", "seen"),
    [
        ({}, MOMENT),
        ({"verified_at": None}, MOMENT),
        ({"value": "baskasi@example.com"}, None),
        ({"verified_at": "2026-03-01T00:00:00Z"}, 422),
    ],
)
def test_customer_verifies_nothing(cast: Cast, verified: Any, changed: Any, seen: Any) -> None:
    patch = {"contact_points": [{**verified, **changed}]}
    answer = cast.cem.patch(f"/customers/{cast.cem_id}", patch, version=2)
    got = answer.get_json()["contact_points"][0]["verified_at"] if answer.status_code == 200 else answer.status_code
    assert got == seen


def test_contact_points_id_stands_once(cast: Cast, verified: dict[str, Any]) -> None:
    patch = {"contact_points": [verified, {**verified, "value": "baskasi@example.com"}]}
    answer = cast.ayse.patch(f"/customers/{cast.cem_id}", patch, version=2)
    assert [each["pointer"] for each in answer.get_json()["errors"]] == ["/contact_points/1/id"]
