"""A matter is opened once and goes its way, whoever works on it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Api, Cast
from tests.desk.conftest import add_queue, take
from tests.desk.matters.conftest import LATE, change, note, open_matter, whole


def test_matter_is_opened_under_a_number_to_be_said_aloud(cast: Cast, matter: dict[str, Any]) -> None:
    assert len(matter["number"]) == 12
    assert matter["number"].isdigit()
    found = cast.ayse.get("/matters", query_string={"number": matter["number"]}).get_json()["items"]
    assert [each["id"] for each in found] == [matter["id"]]


def test_more_urgent_matter_has_less_time(cast: Cast, matter: dict[str, Any]) -> None:
    urgent = change(cast.ayse, matter, priority="urgent")
    assert urgent["due_at"] < matter["due_at"]
    assert change(cast.ayse, matter, priority="low")["due_at"] == urgent["due_at"]


@pytest.mark.parametrize(
    ("way", "last"),
    [
        (["pending", "open", "solved", "closed"], "open"),
        (["solved", "open"], "closed"),
        (["closed"], "open"),
    ],
)
def test_status_goes_its_ways(cast: Cast, matter: dict[str, Any], way: list[str], last: str) -> None:
    assert [change(cast.ayse, matter, status=each)["status"] for each in (*way, last)] == [*way, last]


@pytest.mark.parametrize(("status", "wanted"), [("solved", "pending"), ("closed", "solved"), ("closed", "pending")])
def test_what_is_over_is_opened_first(cast: Cast, matter: dict[str, Any], status: str, wanted: str) -> None:
    after = change(cast.ayse, matter, status=status)
    refused = cast.ayse.patch(f"/matters/{matter['id']}", {"status": wanted}, version=after["version"])
    assert (refused.status_code, refused.get_json()["code"]) == (409, "matter_over")


def test_reopened_matter_has_new_time_and_says_how_often(cast: Cast, matter: dict[str, Any]) -> None:
    change(cast.ayse, matter, status="closed")
    again = change(cast.ayse, matter, status="open")
    assert (again["reopened"], again["solved_at"], again["closed_at"]) == (1, None, None)
    assert again["due_at"] > matter["due_at"]


def test_stale_change_is_refused(cast: Cast, matter: dict[str, Any]) -> None:
    change(cast.ayse, matter, priority="high")
    assert cast.ayse.patch(f"/matters/{matter['id']}", {"priority": "low"}, version=1).status_code == 412


def test_what_changes_nothing_writes_nothing(cast: Cast, matter: dict[str, Any]) -> None:
    assert change(cast.ayse, matter, priority="normal", subject=matter["subject"])["version"] == matter["version"]


def test_answer_to_the_customer_is_the_first_response(cast: Cast, matter: dict[str, Any]) -> None:
    note(cast.ayse, matter, "Depoya soruldu")
    assert whole(cast.ayse, matter)["first_responded_at"] is None
    note(cast.ayse, matter, "Yarın getiriyoruz", visibility="shared")
    assert whole(cast.ayse, matter)["first_responded_at"] is not None


@pytest.mark.parametrize("status", ["pending", "solved"])
def test_customers_word_opens_what_waits_for_them(cast: Cast, matter: dict[str, Any], status: str) -> None:
    change(cast.ayse, matter, status=status)
    note(cast.cem, matter, "Hâlâ gelmedi")
    assert whole(cast.cem, matter)["status"] == "open"


def test_closed_matter_takes_no_more_words_of_the_customer(cast: Cast, matter: dict[str, Any]) -> None:
    change(cast.ayse, matter, status="closed")
    refused = cast.cem.post(f"/matters/{matter['id']}/notes", {"text": "Bir de şu var"})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "matter_over")


def speak(cast: Cast, **more: Any) -> str:
    """An interaction with Cem."""
    said = {"channel": "phone", "kind": "service", "direction": "out", "customer_id": str(cast.cem_id), **more}
    return str(cast.ayse.post("/interactions", said).get_json()["id"])


def test_several_interactions_belong_to_one_matter(cast: Cast, matter: dict[str, Any]) -> None:
    spoken = [speak(cast, occurred_at=f"2026-03-0{day}T10:00:00Z") for day in (1, 2)]
    for each in (*spoken, spoken[0]):
        assert cast.ayse.post(f"/matters/{matter['id']}/interactions", {"interaction_id": each}).status_code == 200
    assert [each["id"] for each in whole(cast.ayse, matter)["interactions"]] == spoken[::-1]


def test_interaction_belongs_to_one_matter_at_most(cast: Cast, matter: dict[str, Any]) -> None:
    spoken, other = {"interaction_id": speak(cast)}, open_matter(cast.ayse, cast)
    cast.ayse.post(f"/matters/{matter['id']}/interactions", spoken)
    assert cast.ayse.post(f"/matters/{other['id']}/interactions", spoken).get_json()["code"] == "in_another_matter"


def test_interaction_of_a_hidden_matter_belongs_to_no_other(cast: Cast, matter: dict[str, Any]) -> None:
    spoken, theirs = {"interaction_id": speak(cast, visibility="shared")}, open_matter(cast.eskisehir, cast)
    cast.ayse.post(f"/matters/{matter['id']}/interactions", spoken)
    refused = cast.eskisehir.post(f"/matters/{theirs['id']}/interactions", spoken)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "in_another_matter")


def test_interaction_of_another_customer_belongs_to_no_matter_of_this_one(cast: Cast, matter: dict[str, Any]) -> None:
    gul = cast.ayse.post("/customers", {"kind": "person", "given_name": "Gül"}).get_json()["id"]
    refused = cast.ayse.post(f"/matters/{matter['id']}/interactions", {"interaction_id": speak(cast, customer_id=gul)})
    assert refused.status_code == 422


def test_all_that_was_done_can_be_read(cast: Cast, matter: dict[str, Any]) -> None:
    note(cast.ayse, matter, "Depoya soruldu")
    change(cast.ayse, matter, priority="high", status="solved")
    told = [(each["kind"], each["visibility"]) for each in whole(cast.ayse, matter)["entries"]]
    assert told == [("change", "internal"), ("status", "shared"), ("note", "internal"), ("opened", "shared")]


def test_entries_are_paged(cast: Cast, matter: dict[str, Any]) -> None:
    for number in range(3):
        note(cast.ayse, matter, f"{number}. not")
    path = f"/matters/{matter['id']}/entries"
    page = cast.ayse.get(path, query_string={"limit": 2}).get_json()
    rest = cast.ayse.get(path, query_string={"limit": 2, "cursor": page["next"]}).get_json()
    assert [each["text"] for each in (*page["items"], *rest["items"])] == ["2. not", "1. not", "0. not", None]


def test_matter_stands_in_its_queue_until_it_is_over(cast: Cast, queue: str, zeynep: Api) -> None:
    matter = open_matter(cast.ayse, cast, queue_id=queue, priority="high")
    item = take(zeynep, queue) or {}
    assert (item["kind"], item["matter_id"], item["priority"]) == ("matter", matter["id"], "high")
    change(cast.ayse, matter, status="solved")
    assert zeynep.get(f"/queue-items/{item['id']}").get_json()["status"] == "done"
    change(cast.ayse, matter, status="open")
    assert (take(zeynep, queue) or {})["matter_id"] == matter["id"]


def test_matter_that_moves_waits_in_the_other_queue_alone(cast: Cast, queue: str, zeynep: Api) -> None:
    matter, other = open_matter(cast.ayse, cast, queue_id=queue), add_queue(cast, "Hasar")
    change(cast.ayse, matter, queue_id=other)
    assert take(zeynep, queue) is None
    assert (take(zeynep, other) or {})["matter_id"] == matter["id"]


@pytest.mark.parametrize(
    "said", [{"partner": "ankara"}, {"partner": "yok"}, {"owner": "kimse"}, {"priority": "panik"}, {"kind": "x"}]
)
def test_matter_names_what_there_is(cast: Cast, said: dict[str, str]) -> None:
    """Cem is not shared with Ankara."""
    refused = cast.ayse.post("/matters", {**LATE, "customer_id": str(cast.cem_id), **said})
    assert [each["pointer"] for each in refused.get_json()["errors"]] == [f"/{name}" for name in said]
