"""Requests about personal data from the command line."""

from __future__ import annotations

from tests.cli.conftest import Run
from tests.conftest import Cast

AS_JSON = ("-o", "json")


def test_open_requests_are_listed(kopru: Run, cast: Cast) -> None:
    asked = cast.cem.post("/rights-requests", {"kind": "erasure"}).get_json()
    assert [each["id"] for each in kopru("rights", "list", *AS_JSON).json] == [asked["id"]]
    assert kopru("rights", "list", "--overdue", *AS_JSON).json == []


def test_replay_without_a_log_says_what_to_do(kopru: Run) -> None:
    ran = kopru("rights", "replay")
    assert (ran.code, "KOPRU_ERASURE_LOG" in ran.err) == (1, True)
