"""Claims through a merge and back: what meets is reviewed again, and outside nobody notices."""

from __future__ import annotations

from typing import Any

import pytest

from tests.claims.conftest import ISIL, act, approve, claim, days, inside, moment_of, seen, settle
from tests.conftest import Cast

AGAIN = {**ISIL, "contact_points": [{"kind": "email", "value": "isil@example.com"}]}


class Two:
    """Ankara's Işıl, who is kept, and Eskişehir's, who becomes part of her."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.keep_id = str(cast.ankara.post("/customers", ISIL).get_json()["id"])
        self.lose_id = str(cast.eskisehir.post("/customers", AGAIN).get_json()["id"])

    def merge(self) -> str:
        answer = self.cast.ayse.post("/identity/merges", {"keep_id": self.keep_id, "lose_id": self.lose_id})
        assert answer.status_code == 201, answer.text
        return str(answer.get_json()["id"])

    def undo(self, merge_id: str) -> None:
        answer = self.cast.ayse.post(f"/identity/merges/{merge_id}/undo")
        assert answer.status_code == 200, answer.text

    def claims(self) -> list[dict[str, Any]]:
        return list(self.cast.ayse.get("/claims").get_json()["items"])


@pytest.fixture
def two(cast: Cast) -> Two:
    return Two(cast)


@pytest.fixture
def approved(two: Two) -> list[dict[str, Any]]:
    """A claim of each to her own, both approved."""
    made = [
        claim(two.cast.ankara, customer_id=two.keep_id),
        claim(two.cast.eskisehir, customer_id=two.lose_id),
    ]
    for each in made:
        approve(two.cast, each)
    return made


def outside(two: Two, approved: list[dict[str, Any]]) -> list[dict[str, Any]]:
    shown = [seen(api, made) for api, made in zip((two.cast.ankara, two.cast.eskisehir), approved, strict=True)]
    return [{**each, "customer_id": None} for each in shown]


def test_two_approved_claims_that_meet_are_reviewed_again(two: Two, approved: list[dict[str, Any]]) -> None:
    before = outside(two, approved)
    two.merge()
    assert [inside(two.cast, each)["status"] for each in approved] == ["under_review", "under_review"]
    assert outside(two, approved) == before


def test_who_loses_the_second_review_sees_the_protection_end_on_its_day(
    two: Two, approved: list[dict[str, Any]]
) -> None:
    two.merge()
    before = outside(two, approved)
    act(two.cast, approved[1], "approve")
    assert inside(two.cast, approved[0])["status"] == "rejected"
    assert outside(two, approved) == before
    settle(moment_of(before[0], "protected_until"))
    shown = seen(two.cast.ankara, approved[0])
    assert (shown["status"], shown["reason"]) == ("expired", None)
    assert shown["decided_at"] == shown["protected_until"] == before[0]["protected_until"]


def test_undone_merge_approves_both_again(two: Two, approved: list[dict[str, Any]]) -> None:
    two.undo(two.merge())
    assert [inside(two.cast, each)["status"] for each in approved] == ["approved", "approved"]
    assert [inside(two.cast, each)["customer_id"] for each in approved] == [two.keep_id, two.lose_id]


def test_undone_merge_approves_again_who_lost_by_it(two: Two, approved: list[dict[str, Any]]) -> None:
    merge_id = two.merge()
    act(two.cast, approved[1], "approve")
    two.undo(merge_id)
    assert [inside(two.cast, each)["status"] for each in approved] == ["approved", "approved"]


def test_undone_merge_approves_nothing_beside_who_was_approved_since(two: Two, approved: list[dict[str, Any]]) -> None:
    merge_id = two.merge()
    since = claim(two.cast.eskisehir, customer_id=two.keep_id)
    approve(two.cast, since)
    two.undo(merge_id)
    found = [inside(two.cast, each)["status"] for each in (*approved, since)]
    assert found == ["rejected", "approved", "approved"]


def test_merge_raises_a_claim_for_each_who_brought_one_of_the_two(two: Two) -> None:
    two.merge()
    raised = two.claims()
    assert {each["partner"] for each in raised} == {"ankara", "eskisehir"}
    assert {(each["raised_by"], each["status"], each["told"]) for each in raised} == {("merge", "submitted", None)}
    suggested = inside(two.cast, raised[0])["suggested"]
    assert [each["partner"] for each in raised if each["id"] == suggested["claim_id"]] == ["ankara"]


def test_partner_sees_what_a_merge_raised_once_it_is_approved(two: Two) -> None:
    two.merge()
    ankara, eskisehir = sorted(two.claims(), key=lambda each: str(each["partner"]))
    assert two.cast.ankara.get("/claims").get_json()["items"] == []
    approve(two.cast, ankara)
    assert seen(two.cast.ankara, ankara)["status"] == "approved"
    assert inside(two.cast, eskisehir)["status"] == "rejected"
    settle(days(30))
    assert two.cast.eskisehir.get("/claims").get_json()["items"] == []
    assert two.cast.eskisehir.events("type=claim.*") == []


def test_merge_of_what_one_partner_brought_raises_nothing(cast: Cast) -> None:
    two = Two(cast)
    two.lose_id = str(cast.ankara.post("/customers", AGAIN).get_json()["id"])
    two.merge()
    assert two.claims() == []


def test_undone_merge_takes_back_what_it_raised(two: Two) -> None:
    two.undo(two.merge())
    assert two.claims() == []


def test_claim_follows_its_customer_and_names_who_is_seen(two: Two) -> None:
    made = claim(two.cast.eskisehir, customer_id=two.lose_id)
    two.merge()
    assert seen(two.cast.eskisehir, made)["customer_id"] == two.keep_id


def test_customer_that_is_not_seen_any_more_is_not_named(two: Two) -> None:
    made = claim(two.cast.eskisehir, customer_id=two.lose_id)
    two.cast.ayse.delete(f"/customers/{two.lose_id}/shares/eskisehir")
    two.merge()
    assert seen(two.cast.eskisehir, made)["customer_id"] is None
