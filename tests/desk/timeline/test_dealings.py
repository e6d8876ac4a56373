"""What partners claimed and were offered, and what the person asked, stand in the stream inside alone."""

from __future__ import annotations

from tests.claims.conftest import act, approve, claim
from tests.conftest import Cast
from tests.desk.conftest import employee, made
from tests.desk.timeline.test_timeline import happenings, kinds


def test_each_step_of_a_claim_is_told_and_who_took_it(cast: Cast) -> None:
    claimed = claim(cast.eskisehir, customer_id=str(cast.cem_id))
    approve(cast, claimed)
    told = happenings(cast.ayse, cast.cem_id, kinds="claim")
    assert [each["detail"]["step"] for each in told] == ["approved", "taken_up", "submitted", "drafted"]
    assert {each["detail"]["claim_id"] for each in told} == {claimed["id"]}
    assert {(each["partner"], each["detail"]["scope"]) for each in told} == {("eskisehir", "Sedan")}


def test_claim_is_told_to_no_partner_before_its_time_nor_after(cast: Cast) -> None:
    claimed = claim(cast.eskisehir, customer_id=str(cast.cem_id))
    act(cast, claimed, "review")
    act(cast, claimed, "reject")
    assert kinds(cast.eskisehir, cast.cem_id) == ["share"]


def test_offer_and_its_answer_are_told(cast: Cast) -> None:
    wish = {"customer_id": str(cast.cem_id), "partner": "ankara", "scope": "Sedan", "ground": "agreement"}
    offered = made(cast.ayse.post("/referrals", wish))
    made(cast.ankara.post(f"/referrals/{offered['id']}/decline", {"reason": "Stok yok"}), 200)
    told = happenings(cast.ayse, cast.cem_id, kinds="referral")
    assert [(each["partner"], each["detail"]["step"]) for each in told] == [
        ("ankara", "declined"),
        ("ankara", "offered"),
    ]


def test_what_the_person_asked_is_told_by_kind_alone(cast: Cast) -> None:
    asked = made(cast.cem.post("/rights-requests", {"kind": "erasure", "note": "Lütfen beni unutun"}))
    (told,) = happenings(cast.ayse, cast.cem_id, kinds="case")
    assert told["detail"] == {"case_id": asked["id"], "kind": "erasure"}
    assert told["id"] == asked["id"]


def test_who_may_not_see_them_elsewhere_does_not_see_them_here(cast: Cast) -> None:
    claim(cast.eskisehir, customer_id=str(cast.cem_id))
    made(cast.cem.post("/rights-requests", {"kind": "erasure"}))
    assert kinds(employee(cast, "zeynep", "agent"), cast.cem_id) == ["share", "creation"]
    assert kinds(employee(cast, "selin", "steward"), cast.cem_id)[:3] == ["case", "claim", "claim"]


def test_claim_of_one_that_became_part_of_another_is_told_of_that_one(cast: Cast) -> None:
    lost = made(cast.eskisehir.post("/customers", {"kind": "person", "given_name": "Cem", "family_name": "Işık"}))["id"]
    claim(cast.eskisehir, customer_id=lost)
    made(cast.ayse.post("/identity/merges", {"keep_id": str(cast.cem_id), "lose_id": lost}))
    assert kinds(cast.ayse, cast.cem_id, kinds="claim") == ["claim", "claim"]
