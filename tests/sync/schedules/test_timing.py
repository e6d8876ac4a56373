"""The moments that a schedule names, through changes of the clock and around blackouts."""

from __future__ import annotations

from datetime import UTC, datetime, time
from itertools import islice, pairwise
from typing import Any
from zoneinfo import ZoneInfo

from gateway.sync.schedules.timing import Blackout, Timing

ANCHOR = datetime(2026, 1, 1, tzinfo=UTC)


def slots(after: str, count: int, zone: str = "Europe/Istanbul", **rule: Any) -> list[str]:
    """The next slots as the wall clock of the zone shows them."""
    timing = Timing(ZoneInfo(zone), ANCHOR, **rule)
    found = islice(timing.slots_after(datetime.fromisoformat(after)), count)
    return [slot.astimezone(timing.zone).strftime("%a %d.%m. %H:%M %z") for slot in found]


def test_an_interval_keeps_its_beat_whenever_somebody_looks() -> None:
    timing = Timing(ZoneInfo("UTC"), ANCHOR, interval_seconds=300)
    looked_late = datetime(2026, 1, 1, 0, 17, 3, tzinfo=UTC)
    assert [slot.minute for slot in islice(timing.slots_after(looked_late), 3)] == [20, 25, 30]
    assert next(timing.slots_after(datetime(2026, 1, 1, 0, 20, tzinfo=UTC))).minute == 25


def test_istanbul_keeps_one_time_all_year() -> None:
    assert slots("2026-03-28T12:00Z", 2, cron="30 2 * * *") == ["Sun 29.03. 02:30 +0300", "Mon 30.03. 02:30 +0300"]


def test_a_time_that_the_clock_leaves_out_comes_once_after_it() -> None:
    found = slots("2026-03-28T12:00Z", 2, "Europe/Berlin", cron="30 2 * * *")
    assert found == ["Sun 29.03. 03:00 +0200", "Mon 30.03. 02:30 +0200"]


def test_a_time_that_the_clock_shows_twice_comes_once() -> None:
    found = slots("2026-10-24T12:00Z", 2, "Europe/Berlin", cron="30 2 * * *")
    assert found == ["Sun 25.10. 02:30 +0200", "Mon 26.10. 02:30 +0100"]
    between = slots("2026-10-25T01:15Z", 1, "Europe/Berlin", cron="30 2 * * *")
    assert between == ["Mon 26.10. 02:30 +0100"], "02:15 the second time, and 02:30 has been"


def test_every_half_hour_goes_on_through_the_hour_that_comes_twice() -> None:
    timing = Timing(ZoneInfo("Europe/Berlin"), ANCHOR, cron="*/30 * * * *")
    found = list(islice(timing.slots_after(datetime(2026, 10, 25, 0, 0, tzinfo=UTC)), 6))
    assert {(later - earlier).seconds for earlier, later in pairwise(found)} == {1800}


def test_two_times_that_become_one_moment_are_one_slot() -> None:
    found = slots("2026-03-28T12:00Z", 3, "Europe/Berlin", cron="0 2,3 * * *")
    assert found == ["Sun 29.03. 03:00 +0200", "Mon 30.03. 02:00 +0200", "Mon 30.03. 03:00 +0200"]


def test_a_blackout_across_midnight_leaves_its_slots_out() -> None:
    night = Blackout(time(22), time(6))
    found = slots("2026-11-16T17:30Z", 4, cron="0 */2 * * *", blackout=[night])
    assert [each.split()[2] for each in found] == ["06:00", "08:00", "10:00", "12:00"]


def test_a_blackout_that_begins_on_friday_lasts_into_saturday_alone() -> None:
    night = Blackout(time(22), time(6), frozenset({4}))
    found = slots("2026-11-19T18:30Z", 4, cron="0 23,5 * * *", blackout=[night])
    assert [each[:3] + each[10:16] for each in found] == ["Thu 23:00", "Fri 05:00", "Sat 23:00", "Sun 05:00"]


def test_blackouts_that_touch_are_left_at_the_last_ones_end() -> None:
    hours = [Blackout(time(1), time(3)), Blackout(time(3), time(5))]
    assert slots("2026-11-15T22:30Z", 1, cron="0 1-7 * * *", blackout=hours) == ["Mon 16.11. 05:00 +0300"]


def test_a_schedule_all_in_blackouts_names_no_moment() -> None:
    assert slots("2026-11-16T12:00Z", 1, cron="* * * * *", blackout=[Blackout(time(0), time(0))]) == []
    assert slots("2026-11-16T12:00Z", 1, interval_seconds=60, blackout=[Blackout(time(0), time(0))]) == []


def test_a_blackout_lasts_through_the_hour_that_comes_twice() -> None:
    timing = Timing(ZoneInfo("Europe/Berlin"), ANCHOR, interval_seconds=1800, blackout=[Blackout(time(1), time(2, 30))])
    first = next(timing.slots_after(datetime(2026, 10, 24, 23, 5, tzinfo=UTC)))
    assert first == datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "half past two, the second time"


def test_a_rule_whose_rare_days_are_all_blacked_out_ends_soon_and_names_nothing() -> None:
    whole_day = [Blackout(time(0), time(0))]
    for cron in ("0 0 29 2 *", "0 0 29 2 */7"):
        assert slots("2026-01-01T00:00Z", 1, cron=cron) != []
        assert slots("2026-01-01T00:00Z", 1, cron=cron, blackout=whole_day) == []
