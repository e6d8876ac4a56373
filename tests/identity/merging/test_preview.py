"""The preview: what a merge will do, exactly that, and nothing written."""

from __future__ import annotations

from typing import Any

from tests.conftest import Cast
from tests.identity.merging.conftest import CALL, Two, made
from tests.identity.merging.test_undo import everything
from tests.sync.conftest import rows


def preview(two: Two, **asked: Any) -> dict[str, Any]:
    answer = two.cast.ayse.post("/identity/merges/preview", {**two.both, **asked})
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def test_preview_shows_both_values_and_where_they_came_from(two: Two) -> None:
    fields = {each["field"]: each for each in preview(two)["fields"]}
    name = fields["family_name"]
    assert (name["keep"], name["lose"], name["chosen"]) == ("Öğütçü", "Şahin", "lose")
    assert (name["keep_source"], name["lose_source"]) == ("partner:eskisehir", "partner:ankara")
    assert name["keep_at"] < name["lose_at"]
    assert fields["birth_date"]["chosen"] == "keep"


def test_preview_counts_what_would_move(two: Two) -> None:
    made(two.cast.ankara, "/interactions", {**CALL, "customer_id": two.lose_id})
    moves = preview(two)["moves"]
    assert (moves["interactions"], moves["shares"], moves["users"]) == (1, 1, 0)


def test_preview_writes_nothing(two: Two) -> None:
    before, events = everything(), rows("SELECT count(*) FROM events")
    preview(two)
    assert (everything(), rows("SELECT count(*) FROM events"), rows("SELECT 1 FROM merges")) == (before, events, [])


def test_merge_does_what_was_previewed(two: Two) -> None:
    shown = preview(two, fields={"status": "keep"})
    two.merge(fields={"status": "keep"}, token=shown["token"])
    survivor = two.shown(two.keep_id)
    assert {**survivor, "version": 0, "updated_at": ""} == {**shown["survivor"], "version": 0, "updated_at": ""}


def test_merge_of_what_has_changed_since_the_preview_is_refused(two: Two) -> None:
    token = preview(two)["token"]
    two.change(two.lose_id, {"given_name": "Işılay"})
    answer = two.cast.ayse.post("/identity/merges", {**two.both, "token": token})
    assert (answer.status_code, rows("SELECT 1 FROM merges")) == (412, [])


def test_merge_with_other_choices_than_previewed_is_refused(two: Two) -> None:
    token = preview(two)["token"]
    answer = two.cast.ayse.post("/identity/merges", {**two.both, "token": token, "fields": {"family_name": "keep"}})
    assert answer.status_code == 412


def test_choice_of_an_unknown_field_is_refused_by_its_name(two: Two) -> None:
    answer = two.cast.ayse.post("/identity/merges/preview", {**two.both, "fields": {"attributes/boy": "keep"}})
    [error] = answer.get_json()["errors"]
    assert (answer.status_code, error["pointer"]) == (422, "/fields/attributes~1boy")


def test_pair_of_others_is_refused(two: Two, pair: dict[str, Any]) -> None:
    answer = two.cast.ayse.post("/identity/merges", {**two.both, "pair_id": pair["id"]})
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "/pair_id")


def test_customer_that_is_not_there_is_a_404(cast: Cast, two: Two) -> None:
    gone = {"keep_id": two.keep_id, "lose_id": "01936f2a-7c1e-7b52-9d0e-3f6b8a1c2d4e"}
    assert cast.ayse.post("/identity/merges/preview", gone).status_code == 404
