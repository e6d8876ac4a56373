"""One request about personal data from the command line."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.cli.conftest import Run
from tests.conftest import Cast
from tests.rights.erasure.conftest import work_off

AS_JSON = ("-o", "json")
NOTE = "Beni unutun, ben Cem"


def asked(cast: Cast, kind: str = "erasure") -> str:
    answer = cast.cem.post("/rights-requests", {"kind": kind, "note": NOTE})
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


def test_request_is_shown_with_its_steps_and_not_in_the_customers_words(kopru: Run, cast: Cast) -> None:
    case_id = asked(cast)
    shown = kopru("rights", "show", case_id, *AS_JSON)
    assert (shown.json["status"], [each["step"] for each in shown.json["steps"]]) == ("received", ["received"])
    assert NOTE not in shown.out + kopru("rights", "show", case_id).out


def test_erasure_is_counted_before_and_done_once_started(kopru: Run, cast: Cast, in_environment: object) -> None:
    case_id = asked(cast)
    counts = {each["what"]: each["count"] for each in kopru("rights", "preview", case_id, *AS_JSON).json}
    assert (counts["customers"], counts["users"]) == (1, 1)
    assert kopru("rights", "start", case_id, "--yes", *AS_JSON).json["status"] == "in_progress"
    assert work_off(case_id).status == "succeeded"
    assert kopru("rights", "preview", case_id).out == "There is nothing left of this customer.\n"


def test_nothing_is_started_without_a_yes(kopru: Run, cast: Cast) -> None:
    case_id = asked(cast, "restriction")
    assert kopru("rights", "start", case_id, typed="n\n").code == 1
    assert kopru("rights", "show", case_id, *AS_JSON).json["status"] == "received"


def test_refused_request_tells_the_customer_why(kopru: Run, cast: Cast) -> None:
    case_id = asked(cast)
    assert (
        kopru("rights", "refuse", case_id, "--reason", "Saklama süresi dolmadı", *AS_JSON).json["status"] == "refused"
    )
    assert cast.cem.get(f"/rights-requests/{case_id}").get_json()["reason"] == "Saklama süresi dolmadı"
    again = kopru("rights", "start", case_id, "--yes")
    assert (again.code, "answered or refused" in again.err) == (1, True)


@pytest.mark.parametrize("verb", [("show",), ("preview",), ("start", "--yes"), ("refuse", "--reason", "Yok")])
def test_unknown_request_says_where_to_look(kopru: Run, cast: Cast, verb: tuple[str, ...]) -> None:
    refused = kopru("rights", *verb, str(uuid4()))
    assert (refused.code, "see: kopru rights list" in refused.err) == (1, True)


def test_only_an_erasure_is_previewed(kopru: Run, cast: Cast) -> None:
    refused = kopru("rights", "preview", asked(cast, "restriction"))
    assert (refused.code, "nothing is erased" in refused.err) == (1, True)
