"""Schedules from the command line."""

from __future__ import annotations

from tests.cli.conftest import Run

AS_JSON = ("-o", "json")


def test_a_link_is_scheduled_listed_and_unscheduled(kopru: Run, link: str) -> None:
    rule = ("--cron", "0 3 * * *", "--zone", "Europe/Istanbul", "--blackout", "22:00-02:00/fri,sat")
    made = kopru("sync", "schedule", link, *rule, *AS_JSON).json
    assert made["blackout"] == [{"from": "22:00", "until": "02:00", "days": ["fri", "sat"]}]
    [listed] = kopru("sync", "schedules", *AS_JSON).json
    assert (listed["link"], listed["cron"], listed["next"]) == (link, "0 3 * * *", made["next_slots"][0])
    assert kopru("sync", "unschedule", listed["id"]).code == 0
    assert kopru("sync", "schedules", link, *AS_JSON).json == []


def test_a_wrong_rule_is_refused_by_name(kopru: Run, link: str) -> None:
    refused = kopru("sync", "schedule", link, "--cron", "0 3 * *")
    assert (refused.code, "/cron" in refused.err) == (1, True)
