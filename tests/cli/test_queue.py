"""Queues from the command line."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run
from tests.conftest import Cast
from tests.desk.conftest import add_queue, put

AS_JSON = ("-o", "json")
CLOSED = {
    "time_zone": "Europe/Istanbul",
    "hours": [{"from": "09:00", "until": "09:30", "days": ["mon"]}],
    "special_days": [],
}


@pytest.fixture
def queue(kopru: Run, cast: Cast) -> str:
    """The queue of those who are to be called back, in which two wait."""
    queue = add_queue(cast, "Geri aramalar")
    put(cast, queue, subject="Işık'ı arayın", priority="urgent")
    put(cast, queue, subject="Şule'yi arayın", due_at="2031-01-01T00:00:00Z")
    return queue


def test_queues_are_listed_with_what_waits(kopru: Run, cast: Cast, queue: str) -> None:
    add_queue(cast, "Hasar", opening_hours=CLOSED)
    listed = kopru("queue", "list", *AS_JSON).json
    assert [(each["name"], each["waiting"], each["missed"]) for each in listed] == [
        ("Geri aramalar", 2, 0),
        ("Hasar", 0, 0),
    ]
    assert "longest_wait_seconds" in kopru("queue", "list").out


def test_queue_is_shown_by_name_and_by_id_with_what_is_due_first(kopru: Run, queue: str) -> None:
    shown = kopru("queue", "show", "Geri aramalar", *AS_JSON).json
    assert [each["priority"] for each in shown["items"]] == ["urgent", "normal"]
    assert kopru("queue", "show", queue, *AS_JSON).json["id"] == shown["id"] == queue


def test_operator_is_not_shown_whom_the_work_is_about(kopru: Run, cast: Cast, queue: str) -> None:
    printed = kopru("queue", "show", "Geri aramalar").out + kopru("queue", "show", "Geri aramalar", *AS_JSON).out
    assert "urgent" in printed
    assert not any(told in printed for told in ("Işık", "Şule", str(cast.cem_id)))


def test_queue_that_is_not_there_is_named(kopru: Run) -> None:
    ran = kopru("queue", "show", "Yok")
    assert (ran.code, ran.err) == (1, "kopru: There is no queue Yok; see: kopru queue list\n")
