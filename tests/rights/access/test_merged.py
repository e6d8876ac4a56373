"""Who was taken for somebody else for a time is told nothing of that other person."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import orjson
from werkzeug.test import TestResponse

from gateway.longrunning.jobs import go_on
from tests.identity.merging.conftest import Two


def answered(two: Two) -> str:
    """Have the survivor's request for access answered; the case."""
    staff, asked = two.cast.ayse, {"kind": "access", "customer_id": two.keep_id}
    case_id = str(staff.post("/rights-requests", asked).get_json()["id"])
    go_on(staff.post(f"/rights-requests/{case_id}/start").get_json()["operation_id"])
    return case_id


def archive(two: Two, case_id: str) -> TestResponse:
    return two.cast.ayse.get(f"/rights-requests/{case_id}/archive")


def told(two: Two, case_id: str) -> dict[str, Any]:
    return dict(orjson.loads(ZipFile(BytesIO(archive(two, case_id).data)).read("data.json"))["sections"])


def test_who_became_one_is_told_of_both_records(two: Two, in_environment: object) -> None:
    two.merge()
    sections = told(two, answered(two))
    assert [each["joined_name"] for each in sections["merges"]] == ["Işıl Şahin"]
    assert "+905321112233" in str(sections["profile"])


def test_who_was_taken_apart_again_is_told_nothing_of_the_other_one(two: Two, in_environment: object) -> None:
    two.undo(two.merge()["id"])
    sections = told(two, answered(two))
    assert sections["merges"] == []
    assert [word for word in (two.lose_id, "Şahin", "+905321112233") if word in str(sections)] == []


def test_what_was_put_together_while_they_were_one_goes_when_they_are_taken_apart(
    two: Two, in_environment: object
) -> None:
    before = answered(two)
    merge_id = two.merge()["id"]
    while_one = answered(two)
    assert archive(two, while_one).status_code == 200
    two.undo(merge_id)
    assert [archive(two, each).status_code for each in (before, while_one)] == [200, 404]
