"""Who is erased leaves nothing in claims, and no partner can tell by its claim whether the house knew them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from gateway.channels import Caller
from gateway.customers import erasing
from gateway.customers.erasing import Erasing, Traces
from gateway.db import new_id, transaction
from tests.claims.conftest import ISIL, act, claim, days, inside, seen, settle
from tests.conftest import Api, Cast
from tests.sync.conftest import rows

PHONE = ISIL["contact_points"][0]["value"]
OTHER = {**ISIL, "contact_points": [{"kind": "phone", "value": "+905329998877"}]}
Json = dict[str, Any]


def forget(customer_id: str, *values: str) -> int:
    person = Erasing(new_id(), (UUID(customer_id),), datetime.now(UTC), Traces(values=frozenset(values)))
    [claims] = [each for each in erasing.registered() if each.name == "claims"]
    with transaction(Caller.system("test")) as tx:
        assert claims.count(tx, person) == claims.forget(tx, person)
        return claims.count(tx, person)


def told(api: Api) -> list[Any]:
    """All that a partner sees of its claims."""
    listed = api.get("/claims")
    shown = [api.get(f"/claims/{each['id']}") for each in listed.get_json()["items"]]
    return [(each.get_json(), each.headers.get("ETag")) for each in (listed, *shown)]


def test_claims_of_who_was_shown_the_erased_go_and_others_are_emptied(cast: Cast) -> None:
    own = str(cast.ankara.post("/customers", ISIL).get_json()["id"])
    claim(cast.ankara, customer_id=own)
    emptied, kept = claim(cast.eskisehir, note=f"Tel. {PHONE}"), claim(cast.eskisehir, person=OTHER)
    assert forget(own, PHONE) == 0
    assert rows("SELECT id, person = '{}' FROM claims ORDER BY id") == [
        (UUID(emptied["id"]), True),
        (UUID(kept["id"]), False),
    ]
    whole = rows("SELECT c::text FROM claims c WHERE id = CAST(:id AS uuid)", id=emptied["id"])
    assert not any(word in whole[0][0] for word in (PHONE, "Işıl", "Teklif"))


@pytest.mark.parametrize("is_taken_up", [True, False])
def test_partner_sees_the_same_before_and_after_an_erasure(cast: Cast, isil: str, is_taken_up: bool) -> None:
    drafted, made = claim(cast.ankara, submit=False), claim(cast.ankara, note="Kardeşi de müşterimiz")
    if is_taken_up:
        act(cast, made, "review")
    before = told(cast.ankara)
    forget(isil, PHONE)
    assert (told(cast.ankara), inside(cast, drafted)["person"]) == (before, None)


def test_emptied_claim_ends_as_one_does_to_somebody_unknown(cast: Cast, isil: str) -> None:
    emptied, unknown = claim(cast.ankara), claim(cast.ankara, person=OTHER)
    forget(isil, PHONE)
    settle(days(15))
    ends = [seen(cast.ankara, each) for each in (emptied, unknown)]
    assert {(each["status"], each["version"]) for each in ends} == {("expired", unknown["version"] + 1)}


def test_emptied_draft_is_changed_and_submitted_as_ever(cast: Cast, isil: str) -> None:
    drafted = claim(cast.ankara, submit=False)
    forget(isil, PHONE)
    path = f"/claims/{drafted['id']}"
    assert cast.ankara.patch(path, {"scope": "SUV"}, version=drafted["version"]).status_code == 200
    assert cast.ankara.post(f"{path}/submit").get_json()["status"] == "submitted"


def test_house_approves_no_emptied_claim_and_may_reject_it(cast: Cast, isil: str) -> None:
    emptied = claim(cast.ankara)
    forget(isil, PHONE)
    act(cast, emptied, "review")
    refused = cast.ayse.post(f"/claims/{emptied['id']}/approve", {"customer_id": str(cast.cem_id)})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "claim_not_open")
    assert act(cast, emptied, "reject")["status"] == "rejected"
