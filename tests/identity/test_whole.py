"""A run over the whole base: it finds what following finds, survives its worker, and ends when told to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from gateway.channels import Caller
from gateway.db import transaction
from gateway.identity import jobs, pairs, slices, whole
from gateway.identity.models import IdentityMatching
from tests.conftest import Cast
from tests.identity.conftest import AYSE, AYSE_AGAIN, Match
from tests.identity.test_follow import queue_of


@pytest.fixture
def run(cast: Cast) -> dict[str, Any]:
    """A run over a base that nobody has matched."""
    for api, record in ((cast.eskisehir, AYSE), (cast.ankara, AYSE_AGAIN), (cast.ayse, AYSE)):
        assert api.post("/customers", record).status_code == 201
    answer = cast.ayse.post("/identity/matchings")
    assert (answer.status_code, answer.get_json()["status"]) == (202, "queued")
    return dict(answer.get_json())


def shown(cast: Cast, run: dict[str, Any]) -> dict[str, Any]:
    return dict(cast.ayse.get(f"/identity/matchings/{run['id']}").get_json())


def test_run_finds_every_pair_of_a_base(cast: Cast, run: dict[str, Any]) -> None:
    jobs.match_whole_base()
    done = shown(cast, run)
    assert (done["status"], done["done"], done["total"], done["found"]) == ("succeeded", 4, 4, 3)
    assert (len(queue_of(cast)), len(queue_of(cast, "same"))) == (2, 1)


def test_run_finds_what_following_has_found(cast: Cast, pair: dict[str, Any], match: Match) -> None:
    cast.ayse.post("/identity/matchings")
    jobs.match_whole_base()
    [again] = queue_of(cast)
    assert (again["id"], again["score"]) == (pair["id"], pair["score"])


def test_one_run_at_a_time(cast: Cast, run: dict[str, Any]) -> None:
    refused = cast.ayse.post("/identity/matchings")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "matching_active")


def test_run_goes_on_after_its_worker_was_killed_in_a_slice(
    cast: Cast, run: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(pairs, "note_patterns", killed)
        jobs.match_whole_base()
    assert (shown(cast, run)["step"], queue_of(cast)) == ("compare", [])
    jobs.match_whole_base()
    assert (shown(cast, run)["status"], shown(cast, run)["found"]) == ("succeeded", 3)


def test_slice_that_another_works_on_is_left_to_them(cast: Cast, run: dict[str, Any]) -> None:
    matching_id = UUID(run["id"])
    with transaction(Caller.system("test")) as tx:
        whole._next_step(tx, tx.session.get_one(IdentityMatching, matching_id))
    with transaction(Caller.system("test")) as other:
        assert slices.take(other, matching_id) is not None
        assert whole.advance(matching_id, 1)
        assert shown(cast, run)["done"] == 0
    jobs.match_whole_base()
    assert shown(cast, run)["found"] == 3


def test_cancelled_run_stops_and_another_may_begin(cast: Cast, run: dict[str, Any]) -> None:
    cancelled = cast.ayse.post(f"/identity/matchings/{run['id']}/cancel").get_json()
    jobs.match_whole_base()
    assert (cancelled["status"], shown(cast, run)["done"]) == ("cancelled", 0)
    assert cast.ayse.post("/identity/matchings").status_code == 202


def test_small_slices_find_the_same(cast: Cast, run: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "_READ_EACH", 1)
    monkeypatch.setattr(whole, "_COMPARED_EACH", 1)
    jobs.match_whole_base()
    assert shown(cast, run)["found"] == 3


def test_pair_that_is_none_any_more_is_gone_after_a_run(cast: Cast, pair: dict[str, Any]) -> None:
    with transaction(Caller.system("test")) as tx:  # behind the back of whoever follows events
        tx.raw.execute(
            "UPDATE customers SET given_name = 'Tufan', display_name = 'Tufan' WHERE id = %s", [pair["first_id"]]
        )
    cast.ayse.post("/identity/matchings")
    jobs.match_whole_base()
    assert queue_of(cast) == []
