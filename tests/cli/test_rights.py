"""Requests about personal data from the command line."""

from __future__ import annotations

from gateway.db import transaction
from tests.cli.conftest import Run
from tests.conftest import Cast
from tests.rights.erasure.conftest import erase
from tests.sync.conftest import SYSTEM

AS_JSON = ("-o", "json")


def test_open_requests_are_listed(kopru: Run, cast: Cast) -> None:
    asked = cast.cem.post("/rights-requests", {"kind": "erasure"}).get_json()
    assert [each["id"] for each in kopru("rights", "list", *AS_JSON).json] == [asked["id"]]
    assert kopru("rights", "list", "--overdue", *AS_JSON).json == []


def test_partners_that_owe_an_answer_are_listed(kopru: Run, cast: Cast, in_environment: object) -> None:
    case_id = erase(cast)
    [owed] = kopru("rights", "owed", *AS_JSON).json
    assert (owed["partner"], owed["case_id"]) == ("eskisehir", case_id)
    assert kopru("rights", "owed", "--overdue", *AS_JSON).json == []
    with transaction(SYSTEM) as tx:
        tx.raw.execute("UPDATE erasure_notices SET due_at = now() - interval '1 second'")
    assert len(kopru("rights", "owed", "--overdue", *AS_JSON).json) == 1
    [notice] = cast.eskisehir.get("/erasures").get_json()["items"]
    cast.eskisehir.post(f"/erasures/{notice['id']}/acknowledgement")
    assert kopru("rights", "owed", *AS_JSON).json == []


def test_replay_without_a_log_says_what_to_do(kopru: Run) -> None:
    ran = kopru("rights", "replay")
    assert (ran.code, "KOPRU_ERASURE_LOG" in ran.err) == (1, True)
