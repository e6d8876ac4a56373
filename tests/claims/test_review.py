"""What the house decides, and what the rule suggests to it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from gateway.claims import contest
from gateway.claims.models import Claim
from gateway.db import new_id, now
from tests.claims.conftest import ISIL, PROOF, act, approve, claim, days, inside, seen, settle
from tests.conftest import Cast
from tests.sync.conftest import rows


def try_to(cast: Cast, made: dict[str, Any], what: str, **said: Any) -> TestResponse:
    return cast.ayse.post(f"/claims/{made['id']}/{what}", said)


def test_claim_is_taken_up_before_it_is_decided(cast: Cast) -> None:
    made = claim(cast.ankara)
    answers = [try_to(cast, made, what) for what in ("approve", "reject", "review", "review")]
    assert [each.status_code for each in answers] == [409, 409, 200, 409]
    assert answers[0].get_json()["code"] == "claim_not_open"


def test_one_customer_of_the_same_phone_is_whom_it_is_about(cast: Cast, isil: str) -> None:
    assert act(cast, claim(cast.ankara), "review")["customer_id"] == isil


def test_somebody_whom_nobody_knows_becomes_a_customer(cast: Cast) -> None:
    approve(cast, claim(cast.ankara))
    [found] = cast.ankara.get("/customers").get_json()["items"]
    assert (found["display_name"], found["contact_points"][0]["value"]) == ("Işıl Öğütçü", "+905321112233")


def test_of_several_customers_the_house_says_which(cast: Cast, isil: str) -> None:
    twin = cast.ayse.post("/customers", {**ISIL, "given_name": "Işın"}).get_json()["id"]
    made = claim(cast.ankara)
    assert act(cast, made, "review")["candidates"] == sorted([isil, twin])
    refused = try_to(cast, made, "approve")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "person_ambiguous")
    assert act(cast, made, "approve", customer_id=twin)["customer_id"] == twin


def test_approval_rejects_what_contests_it(cast: Cast, isil: str) -> None:
    first, second = claim(cast.ankara), claim(cast.eskisehir)
    assert [each["id"] for each in act(cast, first, "review")["rivals"]] == [second["id"]]
    act(cast, first, "approve")
    assert [inside(cast, each)["status"] for each in (first, second)] == ["approved", "rejected"]


def test_other_scope_is_another_contest(cast: Cast, isil: str) -> None:
    approve(cast, claim(cast.ankara))
    assert approve(cast, claim(cast.eskisehir, scope="Filo"))["status"] == "approved"


def test_scope_is_the_same_in_either_spelling(cast: Cast, isil: str) -> None:
    approve(cast, claim(cast.ankara, scope="Işıklı SUV"))
    late = claim(cast.eskisehir, scope="isikli suv")
    act(cast, late, "review")
    assert try_to(cast, late, "approve").get_json()["code"] == "claim_protected"


def test_protection_holds_off_later_claims_until_it_ends(cast: Cast, isil: str) -> None:
    approve(cast, claim(cast.ankara), protection_days=1)
    late = claim(cast.eskisehir)
    act(cast, late, "review")
    assert try_to(cast, late, "approve").get_json()["code"] == "claim_protected"
    settle(days(1.1))
    assert act(cast, late, "approve")["status"] == "approved"


def test_protection_that_is_over_holds_off_nobody_though_upkeep_is_late(cast: Cast, isil: str) -> None:
    first = claim(cast.ankara)
    approve(cast, first)
    rows("UPDATE claims SET due_at = now() - interval '1 second' WHERE status = 'approved' RETURNING 1")
    assert approve(cast, claim(cast.eskisehir))["status"] == "approved"
    assert seen(cast.ankara, first)["status"] == "expired"


def test_record_of_another_partner_with_the_same_phone_is_protected_too(cast: Cast) -> None:
    own = [str(api.post("/customers", ISIL).get_json()["id"]) for api in (cast.ankara, cast.eskisehir)]
    first, second = claim(cast.ankara, customer_id=own[0]), claim(cast.eskisehir, customer_id=own[1])
    approve(cast, first)
    act(cast, second, "review")
    assert try_to(cast, second, "approve").get_json()["code"] == "claim_protected"
    assert act(cast, second, "approve", is_other_person=True)["status"] == "approved"


def test_share_that_was_there_becomes_the_owners(cast: Cast, isil: str) -> None:
    cast.ayse.post(f"/customers/{isil}/shares", {"partner": "ankara", "ground": "service", "role": "viewer"})
    approve(cast, claim(cast.ankara))
    [share] = cast.ankara.get(f"/customers/{isil}/shares").get_json()["items"]
    assert (share["role"], share["ground"]) == ("owner", "service")


def test_queue_is_filtered(cast: Cast, isil: str) -> None:
    first, second = claim(cast.ankara), claim(cast.eskisehir)
    act(cast, first, "review")
    for query, found in ((f"customer_id={isil}", first), ("partner=eskisehir", second), ("status=submitted", second)):
        assert [each["id"] for each in cast.ayse.get(f"/claims?{query}").get_json()["items"]] == [found["id"]]


def test_deciding_is_in_the_audit_trail(cast: Cast, isil: str) -> None:
    made = claim(cast.ankara)
    approve(cast, made)
    recorded = rows("SELECT action FROM audit_entries WHERE resource = 'claim' ORDER BY position")
    assert [action for (action,) in recorded] == [
        "claim.drafted", "claim.submitted", "claim.taken_up", "claim.approved",
    ]  # fmt: skip


HOUR = now().replace(minute=0)


def at(minute: int, *, proved: bool = True, status: str = "submitted") -> Claim:
    evidence = [PROOF] if proved else []
    return Claim(id=new_id(), status=status, evidence=evidence, submitted_at=HOUR.replace(minute=minute))


@pytest.mark.parametrize(
    ("claims", "best", "why"),
    [
        ([at(1), at(2)], 0, "earliest_with_evidence"),
        ([at(1, proved=False), at(2)], 1, "earliest_with_evidence"),
        ([at(2, proved=False), at(1, proved=False)], 1, "earliest"),
        ([at(1), at(9, proved=False, status="approved")], 1, "protected"),
    ],
)
def test_rule_prefers_protection_then_evidence_then_age(claims: list[Claim], best: int, why: str) -> None:
    expected: tuple[UUID, str] = (claims[best].id, why)
    assert contest.suggest(claims) == contest.suggest(claims[::-1]) == expected


def test_suggestion_is_shown_to_the_house(cast: Cast, isil: str) -> None:
    unproved, proved = claim(cast.ankara, evidence=[]), claim(cast.eskisehir)
    assert inside(cast, unproved)["suggested"] == {"claim_id": proved["id"], "why": "earliest_with_evidence"}
