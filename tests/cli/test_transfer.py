"""Imports and exports from the command line."""

from __future__ import annotations

from uuid import uuid4

from tests.cli.conftest import Run
from tests.conftest import Cast

AS_JSON = ("-o", "json")


def test_files_of_everybody_are_listed(kopru: Run, cast: Cast) -> None:
    ours = cast.ayse.post("/exports", {"format": "csv"}).get_json()
    theirs = cast.eskisehir.post("/exports", {"format": "jsonl"}).get_json()
    assert (ours["status"], theirs["status"]) == ("queued", "queued")
    listed = kopru("transfer", "list", "--active", *AS_JSON).json
    assert [(each["direction"], each["partner"], each["format"]) for each in listed] == [
        ("out", "eskisehir", "jsonl"),
        ("out", None, "csv"),
    ]


def test_work_on_a_file_is_ended(kopru: Run, cast: Cast) -> None:
    started = cast.eskisehir.post("/exports", {"format": "csv"}).get_json()
    (listed,) = kopru("transfer", "list", *AS_JSON).json
    assert kopru("transfer", "cancel", listed["id"], *AS_JSON).json["status"] == "cancelled"
    assert cast.eskisehir.get(f"/operations/{started['id']}").get_json()["status"] == "cancelled"
    assert kopru("transfer", "list", "--active", *AS_JSON).json == []


def test_file_nobody_works_on_is_not_cancelled(kopru: Run, cast: Cast) -> None:
    sent = cast.ayse.open("POST", "/imports", data="ad;soyad\nIşıl;Öğüt\n".encode(), content_type="text/csv")
    assert sent.status_code == 201
    ran = kopru("transfer", "cancel", sent.get_json()["id"])
    assert (ran.code, "No work on this file" in ran.err) == (1, True)


def test_file_that_is_not_there_is_refused(kopru: Run) -> None:
    assert kopru("transfer", "cancel", str(uuid4())).code == 1
