"""Deadlines of claims, with a clock that is passed in."""

from __future__ import annotations

from datetime import timedelta

from gateway.claims import jobs
from tests.claims.conftest import act, approve, claim, inside, moment_of, seen, settle
from tests.conftest import Api, Cast
from tests.sync.conftest import rows

MOMENT = timedelta(microseconds=1)


def told(api: Api) -> list[tuple[str, str]]:
    """The events about claims that a partner heard, with the state each tells."""
    items = api.events("type=claim.*&limit=200")
    return [(each["type"], each["data"]["status"]) for each in items]


def test_undecided_claim_expires_on_its_day(cast: Cast) -> None:
    made = claim(cast.ankara)
    act(cast, made, "review")
    answer_by = moment_of(made, "answer_by")
    assert (settle(answer_by - MOMENT), settle(answer_by), settle(answer_by)) == (0, 1, 0)
    assert seen(cast.ankara, made)["status"] == inside(cast, made)["status"] == "expired"
    assert told(cast.ankara) == [("claim.submitted", "submitted"), ("claim.expired", "expired")]


def test_rejection_is_told_on_its_day_and_not_before(cast: Cast) -> None:
    made = claim(cast.ankara)
    act(cast, made, "review")
    act(cast, made, "reject", note="Kanıt yok")
    answer_by = moment_of(made, "answer_by")
    assert settle(answer_by - MOMENT) == 0
    assert seen(cast.ankara, made) == made
    settle(answer_by)
    shown = seen(cast.ankara, made)
    assert (shown["status"], shown["reason"], moment_of(shown, "decided_at")) == ("rejected", "not_granted", answer_by)
    assert told(cast.ankara)[-1] == ("claim.decided", "rejected")
    assert "Kanıt" not in str(shown)


def test_protection_ends_on_its_day_and_leaves_the_customer(cast: Cast, isil: str) -> None:
    made = claim(cast.ankara)
    approve(cast, made)
    protected_until = moment_of(seen(cast.ankara, made), "protected_until")
    assert (settle(protected_until - MOMENT), settle(protected_until)) == (0, 1)
    assert seen(cast.ankara, made)["status"] == "expired"
    assert cast.ankara.get(f"/customers/{isil}").status_code == 200
    assert [name for name, _ in told(cast.ankara)] == ["claim.submitted", "claim.decided", "claim.expired"]


def test_draft_and_withdrawn_claim_never_fall_due(cast: Cast) -> None:
    claim(cast.ankara, submit=False)
    cast.ankara.post(f"/claims/{claim(cast.ankara)['id']}/withdraw")
    assert rows("SELECT 1 FROM claims WHERE due_at IS NOT NULL") == []


def test_upkeep_settles_what_is_due_by_its_own_clock(cast: Cast) -> None:
    early, late = claim(cast.ankara), claim(cast.ankara)
    rows("UPDATE claims SET due_at = now() WHERE id = :id RETURNING 1", id=early["id"])
    jobs.settle_claims()
    assert [seen(cast.ankara, each)["status"] for each in (early, late)] == ["expired", "submitted"]


def test_nobody_else_hears_of_a_claim(cast: Cast, isil: str) -> None:
    approve(cast, claim(cast.ankara))
    assert told(cast.eskisehir) == []
