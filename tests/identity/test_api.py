"""The stewards' queue: what stands in it, why, and what happens to a decision."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Cast
from tests.identity.conftest import AYSE, AYSE_AGAIN, Match


def test_pair_of_which_nobody_can_be_sure_stands_in_the_queue(pair: dict[str, Any]) -> None:
    assert {pair["first_name"], pair["second_name"]} == {"Ayşe Yıldırım", "AYSE YILDIRIM"}
    assert (pair["outcome"], pair["status"]) == ("perhaps", "open")


def test_pair_shows_both_records_and_why(cast: Cast, pair: dict[str, Any]) -> None:
    shown = cast.ayse.get(f"/identity/pairs/{pair['id']}").get_json()
    assert {shown["first"]["id"], shown["second"]["id"]} == {pair["first_id"], pair["second_id"]}
    levels = {each["field"]: each["level"] for each in shown["evidence"]}
    assert levels | {"given_name": "agree", "address": "agree", "birth_date": "unknown"} == levels
    assert shown["rivals"][0]["name"] == "namesake"
    assert all(each["english"] and each["turkish"] for each in shown["evidence"] + shown["rivals"])


def test_weights_of_the_fields_and_what_was_expected_add_up(cast: Cast, pair: dict[str, Any]) -> None:
    shown = cast.ayse.get(f"/identity/pairs/{pair['id']}").get_json()
    strongest = shown["rivals"][0]
    total = strongest["expected"] + sum(each["bits"] for each in shown["evidence"])
    assert total == pytest.approx(strongest["bits"], abs=0.01)
    assert shown["score"] <= strongest["bits"]


@pytest.mark.parametrize("decision", ["same", "different"])
def test_decision_is_kept_and_the_queue_is_empty(cast: Cast, pair: dict[str, Any], match: Match, decision: str) -> None:
    wish = {"decision": decision, "note": "Telefonla soruldu."}
    settled = cast.ayse.post(f"/identity/pairs/{pair['id']}/settle", wish).get_json()
    assert (settled["status"], settled["note"]) == (decision, "Telefonla soruldu.")
    assert cast.ayse.get("/identity/pairs").get_json()["items"] == []
    assert len(cast.ayse.get(f"/identity/pairs?status={decision}").get_json()["items"]) == 1


def test_matching_never_asks_again_what_was_settled(cast: Cast, pair: dict[str, Any], match: Match) -> None:
    cast.ayse.post(f"/identity/pairs/{pair['id']}/settle", {"decision": "different"})
    changed = cast.ayse.patch(f"/customers/{pair['first_id']}", {"tax_id": "17291716060"}, version=1)
    assert changed.status_code == 200
    match()
    assert cast.ayse.get("/identity/pairs").get_json()["items"] == []
    assert cast.ayse.get(f"/identity/pairs/{pair['id']}").get_json()["status"] == "different"


def test_another_decision_is_refused(cast: Cast, pair: dict[str, Any]) -> None:
    path = f"/identity/pairs/{pair['id']}/settle"
    answers = [cast.ayse.post(path, {"decision": each}) for each in ("same", "same", "different")]
    assert [each.status_code for each in answers] == [200, 200, 409]
    assert answers[2].get_json()["code"] == "pair_settled"


def test_queue_shows_the_likeliest_first_page_by_page(cast: Cast, pair: dict[str, Any], match: Match) -> None:
    for _ in range(2):
        cast.ankara.post("/customers", AYSE_AGAIN)
    match()
    whole = cast.ayse.get("/identity/pairs").get_json()["items"]
    assert len(whole) > 2
    assert [each["score"] for each in whole] == sorted((each["score"] for each in whole), reverse=True)
    paged, path = [], "/identity/pairs?limit=1"
    while path:
        page = cast.ayse.get(path).get_json()
        paged += page["items"]
        path = page["next"] and f"/identity/pairs?limit=1&cursor={page['next']}"
    assert [each["id"] for each in paged] == [each["id"] for each in whole]


def test_check_names_who_is_there_already(cast: Cast, pair: dict[str, Any]) -> None:
    found = cast.ayse.post("/identity/check", AYSE).get_json()["items"]
    assert (found[0]["display_name"], found[0]["outcome"]) == ("Ayşe Yıldırım", "same")
    assert cast.ayse.post("/identity/check", {"kind": "person", "given_name": "Tufan"}).get_json()["items"] == []


def test_check_writes_nothing(cast: Cast, pair: dict[str, Any], match: Match) -> None:
    before = cast.ayse.get("/customers").get_json()["items"]
    cast.ayse.post("/identity/check", AYSE)
    match()
    assert cast.ayse.get("/customers").get_json()["items"] == before
    assert len(cast.ayse.get("/identity/pairs").get_json()["items"]) == 1


def test_weights_are_those_shipped_until_they_are_estimated(cast: Cast, pair: dict[str, Any]) -> None:
    shipped = cast.ayse.get("/identity/weights").get_json()
    cast.ayse.post(f"/identity/pairs/{pair['id']}/settle", {"decision": "same"})
    estimated = cast.ayse.post("/identity/estimate")
    assert (shipped["is_default"], estimated.status_code) == (True, 201)
    assert (estimated.get_json()["is_default"], estimated.get_json()["settled"]) == (False, 1)
    assert cast.ayse.get("/identity/weights").get_json() == estimated.get_json()


def test_what_was_decided_is_in_the_audit_trail(cast: Cast, pair: dict[str, Any]) -> None:
    cast.ayse.post(f"/identity/pairs/{pair['id']}/settle", {"decision": "same"})
    entries = cast.ayse.get("/audit/entries?limit=5").get_json()["items"]
    [settled] = [each for each in entries if each["action"] == "identity.pair.settled"]
    assert settled["detail"]["decision"] == "same"
