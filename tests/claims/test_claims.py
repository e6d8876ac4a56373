"""What a partner does with its claims."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.claims.conftest import ISIL, PROOF, act, approve, claim, inside, moment_of, seen
from tests.conftest import Api, Cast
from tests.sync.conftest import rows

CALL = {"channel": "phone", "kind": "inquiry", "direction": "in"}


def test_draft_is_changed_and_submitted(cast: Cast) -> None:
    made = claim(cast.ankara, submit=False)
    path = f"/claims/{made['id']}"
    changed = cast.ankara.patch(path, {"scope": "SUV", "note": "İki kez geldi"}, version=made["version"]).get_json()
    assert (changed["scope"], changed["status"]) == ("SUV", "draft")
    known = inside(cast, made)
    assert (known["note"], known["person"]["given_name"], len(known["evidence"])) == ("İki kez geldi", "Işıl", 1)
    sent = cast.ankara.post(f"{path}/submit").get_json()
    assert sent["status"] == "submitted"
    assert moment_of(sent, "answer_by") - moment_of(sent, "submitted_at") == timedelta(days=14)


def test_draft_may_turn_to_another_person(cast: Cast) -> None:
    made = claim(cast.ankara, submit=False)
    gul = cast.ankara.post("/customers", {"kind": "person", "given_name": "Gül"}).get_json()["id"]
    path = f"/claims/{made['id']}"
    changed = cast.ankara.patch(path, {"customer_id": gul}, version=made["version"]).get_json()
    assert (changed["customer_id"], inside(cast, made)["person"]) == (gul, None)
    back = cast.ankara.patch(path, {"person": ISIL}, version=changed["version"]).get_json()
    assert (back["customer_id"], inside(cast, made)["person"]["given_name"]) == (None, "Işıl")


def test_submitted_claim_is_changed_no_more(cast: Cast) -> None:
    made = claim(cast.ankara)
    refused = cast.ankara.patch(f"/claims/{made['id']}", {"scope": "SUV"}, version=made["version"])
    assert (refused.status_code, refused.get_json()["code"]) == (409, "claim_not_open")
    assert cast.ankara.post(f"/claims/{made['id']}/submit").status_code == 409


def test_claim_is_withdrawn_once(cast: Cast) -> None:
    made = claim(cast.ankara)
    answers = [cast.ankara.post(f"/claims/{made['id']}/withdraw") for _ in range(2)]
    assert [each.status_code for each in answers] == [200, 409]
    assert inside(cast, made)["status"] == "withdrawn"


def test_own_branch_is_answered_sooner(cast: Cast) -> None:
    assert cast.ayse.patch("/partners/ankara", {"kind": "own"}, version=1).status_code == 200
    made = claim(cast.ankara)
    assert moment_of(made, "answer_by") - moment_of(made, "submitted_at") == timedelta(days=7)


def test_claim_needs_an_agreement_that_holds(cast: Cast) -> None:
    cast.ayse.patch("/partners/ankara", {"valid_until": "2020-01-01T00:00:00Z"}, version=1)
    refused = cast.ankara.post("/claims", {"person": ISIL, "submit": True})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "agreement_over")


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({}, "/person"),
        ({"person": ISIL, "customer_id": "0" * 32}, "/person"),
        ({"person": ISIL, "scope": "sule@example.com"}, "/scope"),
        ({"person": ISIL, "scope": "Teklif 0532 111 22 33"}, "/scope"),
        ({"person": {**ISIL, "contact_points": []}}, "/person/contact_points"),
        ({"person": {**ISIL, "contact_points": [{"kind": "email", "value": "yok"}]}}, "/person/contact_points/0/value"),
        ({"person": {"kind": "person", "tax_id": "17291716060"}}, "/person/given_name"),
        ({"person": ISIL, "evidence": [{"kind": "statement", "text": "Bize geldi"}]}, "/evidence/0/dated_at"),
        (
            {"person": ISIL, "evidence": [{"kind": "interaction", "interaction_id": "0" * 32}]},
            "/evidence/0/interaction_id",
        ),
    ],
)
def test_wrong_content_is_refused_and_named(cast: Cast, said: dict[str, Any], pointer: str) -> None:
    refused = cast.ankara.post("/claims", said)
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, pointer)
    assert rows("SELECT 1 FROM claims") == []


def test_customer_of_another_is_not_there_to_be_claimed(cast: Cast) -> None:
    assert cast.ankara.post("/claims", {"customer_id": str(cast.cem_id)}).status_code == 404


def record_call(api: Api, customer_id: str) -> str:
    return str(api.post("/interactions", {**CALL, "customer_id": customer_id}).get_json()["id"])


def test_interaction_is_evidence_with_its_own_date(cast: Cast) -> None:
    call = record_call(cast.eskisehir, str(cast.cem_id))
    made = claim(
        cast.eskisehir, customer_id=str(cast.cem_id), evidence=[{"kind": "interaction", "interaction_id": call}]
    )
    [proof] = inside(cast, made)["evidence"]
    assert proof["dated_at"] == cast.eskisehir.get(f"/interactions/{call}").get_json()["occurred_at"]
    assert inside(cast, made)["proved"]


def test_interaction_of_another_is_no_evidence(cast: Cast) -> None:
    call = record_call(cast.eskisehir, str(cast.cem_id))
    said = {"person": ISIL, "evidence": [{"kind": "interaction", "interaction_id": call}]}
    assert cast.ankara.post("/claims", said).status_code == 422


def test_partner_sees_only_its_own_claims(cast: Cast) -> None:
    made = claim(cast.ankara)
    assert [each["id"] for each in cast.ankara.get("/claims").get_json()["items"]] == [made["id"]]
    assert cast.eskisehir.get("/claims").get_json()["items"] == []
    assert cast.eskisehir.get(f"/claims/{made['id']}").status_code == 404


def test_claims_are_listed_in_pages_and_by_what_was_told(cast: Cast) -> None:
    made = [claim(cast.ankara, submit=number > 0)["id"] for number in range(3)]
    first = cast.ankara.get("/claims?limit=2").get_json()
    rest = cast.ankara.get(f"/claims?limit=2&cursor={first['next']}").get_json()
    assert [each["id"] for each in first["items"] + rest["items"]] == made
    assert [each["id"] for each in cast.ankara.get("/claims?status=draft").get_json()["items"]] == made[:1]


def test_review_is_hidden_from_the_partner(cast: Cast) -> None:
    made = claim(cast.ankara)
    act(cast, made, "review")
    assert seen(cast.ankara, made) == made
    assert inside(cast, made)["status"] == "under_review"


def test_evidence_from_after_the_claim_proves_nothing(cast: Cast) -> None:
    made = claim(cast.ankara, evidence=[{**PROOF, "dated_at": "2199-01-01T00:00:00Z"}])
    assert not inside(cast, made)["proved"]


def test_winner_sees_the_customer_as_its_owner(cast: Cast, isil: str) -> None:
    made = claim(cast.ankara)
    assert cast.ankara.get(f"/customers/{isil}").status_code == 404
    approve(cast, made)
    [share] = cast.ankara.get(f"/customers/{isil}/shares").get_json()["items"]
    assert (share["role"], share["ground"], share["reference"]) == ("owner", "agreement", f"claim {made['id']}")
    told = seen(cast.ankara, made)
    assert (told["status"], told["customer_id"]) == ("approved", isil)
    assert moment_of(told, "protected_until") - moment_of(told, "decided_at") == timedelta(days=90)
