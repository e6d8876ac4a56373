"""Who lost learns nothing: not who won, not when, not whether anybody did, not whether the person is known."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.test import TestResponse

from gateway.channels import Caller, Channel
from gateway.db import Transaction, transaction
from gateway.partners import service as partners
from tests import commits
from tests.claims.conftest import ISIL, act, approve, claim, days, moment_of, settle
from tests.conftest import Api, Cast, add_machine, fetch_token
from tests.sync.conftest import rows

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_CURSOR = re.compile(r'"next": "[^"]*"')


@dataclass
class Contest:
    """Somebody whom two dealers claim: one of them loses, whoever wins."""

    cast: Cast
    loser: Api
    bursa: Api
    person: dict[str, Any]

    def claim(self, api: Api, **said: Any) -> dict[str, Any]:
        return claim(api, **(said or {"person": self.person}))


Story = Callable[[Contest, dict[str, Any]], None]


def nobody_won(contest: Contest, lost: dict[str, Any]) -> None:
    act(contest.cast, lost, "review")
    act(contest.cast, lost, "reject", note="Bursa daha önce geldi")


def somebody_won(contest: Contest, lost: dict[str, Any]) -> None:
    approve(contest.cast, contest.claim(contest.bursa))


def somebody_won_whom_the_house_knew(contest: Contest, lost: dict[str, Any]) -> None:
    contest.cast.ayse.post("/customers", contest.person)
    approve(contest.cast, contest.claim(contest.cast.eskisehir), protection_days=3)


def person_is_the_winners(contest: Contest, lost: dict[str, Any]) -> None:
    own = contest.bursa.post("/customers", contest.person).get_json()["id"]
    approve(contest.cast, contest.claim(contest.bursa, customer_id=own), protection_days=2)


def winner_was_protected_before(contest: Contest, lost: dict[str, Any]) -> None:
    somebody_won(contest, lost)
    if act_on(contest, lost, "review") == 200:
        act_on(contest, lost, "reject")


def act_on(contest: Contest, made: dict[str, Any], what: str) -> int:
    return contest.cast.ayse.post(f"/claims/{made['id']}/{what}", {}).status_code


def dealer(cast: Cast, code: str) -> Api:
    """One more dealer."""
    with transaction(Caller.system("test")) as tx:
        partner = partners.add(tx, code, "Bayi")
        pair = add_machine(tx, code, Channel.EXTRANET, partner.id)
    client = cast.ayse.client
    return Api(client, Channel.EXTRANET, fetch_token(client, *pair), partner.id)


def heard(contest: Contest, made: dict[str, Any]) -> str:
    """All that the loser can find out, with ids, its own moments and the phone named: each story has others."""
    paths = ("/claims", f"/claims/{made['id']}", "/claims?status=rejected", "/events?limit=200", "/customers")
    commits.settle()
    answers = [contest.loser.get(path) for path in paths]
    told = json.dumps([[each.status_code, each.get_json(), _version(each)] for each in answers])
    told = _CURSOR.sub('"next": ""', told).replace(made["id"], "its claim")
    for name in ("submitted_at", "answer_by", "created_at"):
        told = told.replace(made[name], name)
    return _ID.sub("some id", told).replace(contest.person["contact_points"][0]["value"], "the phone")


def _version(answer: TestResponse) -> str:
    """What an ETag says of the version; the rest of it is a mark of the very body."""
    return str(answer.headers.get("ETag", "")).partition("-")[0]


def lose(contest: Contest, story: Story) -> list[str]:
    """What the loser hears when it has claimed, when the house has decided, and when its answer is due."""
    lost = contest.claim(contest.loser)
    claimed = heard(contest, lost)
    story(contest, lost)
    decided = heard(contest, lost)
    settle(moment_of(lost, "answer_by"))
    return [claimed, decided, heard(contest, lost)]


@pytest.fixture
def contests(cast: Cast) -> list[Contest]:
    """Two contests about two people, alike in all that a loser may know."""
    bursa = dealer(cast, "bursa")
    people = [{**ISIL, "contact_points": [{"kind": "phone", "value": f"+90532111224{n}"}]} for n in range(2)]
    return [Contest(cast, dealer(cast, f"bayi-{n}"), bursa, person) for n, person in enumerate(people)]


def test_nothing_is_heard_of_a_decision_before_its_day(contests: list[Contest]) -> None:
    claimed, decided, answered = lose(contests[0], somebody_won)
    assert claimed == decided != answered
    assert '"rejected"' in answered and '"not_granted"' in answered


@pytest.mark.parametrize(
    "story",
    [somebody_won, somebody_won_whom_the_house_knew, person_is_the_winners, winner_was_protected_before],
)
def test_loser_hears_the_same_whoever_won(contests: list[Contest], story: Story) -> None:
    first, second = contests
    assert lose(second, story) == lose(first, nobody_won)


def test_loser_is_told_at_a_moment_of_its_own(contests: list[Contest]) -> None:
    contest = contests[0]
    lost = contest.claim(contest.loser)
    somebody_won(contest, lost)
    settle(days(30))
    told = rows("SELECT occurred_at FROM events WHERE type = 'claim.decided' AND resource_id = :id", id=lost["id"])
    assert told == [(moment_of(lost, "answer_by"),)]


def test_who_has_lost_may_still_withdraw_as_if_nothing_were_decided(contests: list[Contest]) -> None:
    contest = contests[0]
    lost = contest.claim(contest.loser)
    somebody_won(contest, lost)
    assert contest.loser.post(f"/claims/{lost['id']}/withdraw").get_json()["status"] == "withdrawn"
    assert settle(moment_of(lost, "answer_by")) == 0
    assert contest.cast.ayse.get(f"/claims/{lost['id']}").get_json()["status"] == "rejected"


def test_claim_costs_the_same_statements_whether_the_person_is_known(
    contests: list[Contest], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = contests
    second.cast.ayse.post("/customers", second.person)
    asked: list[str] = []
    run = Transaction.rows

    def listen(tx: Transaction, query: Any, **params: Any) -> Any:
        asked.append(query.sql)
        return run(tx, query, **params)

    monkeypatch.setattr(Transaction, "rows", listen)
    first.claim(first.loser)
    unknown, asked[:] = list(asked), []
    second.claim(second.loser)
    assert unknown == asked
    assert not any("customer_keys" in sql for sql in asked)


def test_database_shows_a_partner_no_claim_but_its_own(contests: list[Contest]) -> None:
    for each in (contests[0].loser, contests[0].bursa):
        contests[0].claim(each)
    rows("UPDATE claims SET told = NULL WHERE partner = 'bursa' RETURNING 1")
    for api, count in ((contests[0].loser, 1), (contests[0].bursa, 0), (contests[1].loser, 0)):
        with transaction(Caller(Channel.EXTRANET, partner_id=api.partner_id)) as tx:
            assert tx.raw.execute("SELECT count(*) FROM claims").fetchone() == (count,)
            assert tx.raw.execute("DELETE FROM claims").rowcount == 0
