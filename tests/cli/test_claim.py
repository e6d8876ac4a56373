"""Claims from the command line."""

from __future__ import annotations

from tests.claims.conftest import act, claim
from tests.cli.conftest import Run
from tests.conftest import Cast

AS_JSON = ("-o", "json")


def ids(kopru: Run, *wanted: str) -> list[str]:
    return [each["id"] for each in kopru("claim", "list", *wanted, *AS_JSON).json]


def test_claims_that_wait_are_listed_by_state_and_partner(kopru: Run, cast: Cast) -> None:
    waiting, reviewed = claim(cast.eskisehir), claim(cast.eskisehir, scope="Hafif ticari")
    act(cast, reviewed, "review")
    assert ids(kopru) == ids(kopru, "--partner", "eskisehir") == [waiting["id"]]
    assert ids(kopru, "--status", "under_review") == [reviewed["id"]]
    assert ids(kopru, "--partner", "ankara") == []


def test_operator_is_not_shown_who_is_claimed(kopru: Run, cast: Cast) -> None:
    claim(cast.eskisehir)
    printed = kopru("claim", "list").out + kopru("claim", "list", *AS_JSON).out
    assert "Sedan" in printed
    assert not any(told in printed for told in ("Işıl", "Öğütçü", "5321112233"))
