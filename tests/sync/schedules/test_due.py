"""Slots are dealt with once each, whoever looks, and what was missed comes by the schedule's policy."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from gateway.db import now, transaction
from gateway.sync import service as sync
from gateway.sync.schedules import service
from gateway.sync.schedules.due import take_slot
from gateway.sync.schedules.jobs import start_due_runs
from tests.sync.conftest import SYSTEM, Dealer, rows


def add(dealer: Dealer, **wish: Any) -> UUID:
    with transaction(SYSTEM) as tx:
        return service.add_schedule(tx, dealer.link_id, {"interval_seconds": 3600, **wish}).id


def slip(schedule_id: UUID, back: timedelta) -> datetime:
    """Pretend that nobody looked since so long ago, when a slot came."""
    with transaction(SYSTEM) as tx:
        schedule = service.get_schedule(tx, schedule_id)
        schedule.anchored_at = schedule.next_slot_at = now() - back
        return schedule.next_slot_at


def slots(schedule_id: UUID) -> list[tuple[str, int]]:
    return [
        tuple(row)
        for row in rows(
            "SELECT outcome, passed_over FROM sync_schedule_slots WHERE schedule_id = :id ORDER BY slot_at",
            id=schedule_id,
        )
    ]


def end_runs() -> None:
    rows("UPDATE sync_runs SET status = 'succeeded', finished_at = now() RETURNING 1")


def test_a_slot_starts_one_run_however_many_schedulers_look(dealer: Dealer) -> None:
    schedule_id = add(dealer)
    slip(schedule_id, timedelta(seconds=1))
    with transaction(SYSTEM) as one, transaction(SYSTEM) as two:
        assert take_slot(one, schedule_id) is not None
        assert take_slot(two, schedule_id) is None
    assert (start_due_runs(), slots(schedule_id)) == (0, [("started", 0)])


def test_three_days_off_are_caught_up_by_one_run(dealer: Dealer) -> None:
    schedule_id = add(dealer, catch_up="once")
    slip(schedule_id, timedelta(days=3, minutes=-1))
    assert (start_due_runs(), slots(schedule_id)) == (1, [("started", 71)])
    assert dealer.link().next_run_at > now()  # type: ignore[operator]


def test_a_schedule_that_skips_lets_what_was_missed_pass(dealer: Dealer) -> None:
    schedule_id = add(dealer, catch_up="skip")
    slip(schedule_id, timedelta(days=2, minutes=2))
    assert (start_due_runs(), slots(schedule_id)) == (0, [("passed", 48)])


def test_a_schedule_that_catches_up_all_runs_one_slot_after_the_other(dealer: Dealer) -> None:
    schedule_id = add(dealer, catch_up="all")
    slip(schedule_id, timedelta(hours=2, minutes=1))
    started = []
    for _ in range(4):
        started.append((start_due_runs(), start_due_runs()))
        end_runs()
    assert started == [(1, 0)] * 3 + [(0, 0)]
    assert slots(schedule_id) == [("started", 0)] * 3


def test_catching_up_all_is_bounded(dealer: Dealer) -> None:
    schedule_id = add(dealer, catch_up="all", interval_seconds=60)
    slip(schedule_id, timedelta(days=1))
    assert (start_due_runs(), slots(schedule_id)) == (1, [("started", 1341)])


def test_a_slot_that_comes_while_a_run_is_active_joins_it(dealer: Dealer) -> None:
    schedule_id = add(dealer)
    run_id = dealer.ask()
    slip(schedule_id, timedelta(seconds=1))
    assert (start_due_runs(), slots(schedule_id)) == (0, [("joined", 0)])
    assert rows("SELECT run_id FROM sync_schedule_slots") == [(run_id,)]


def test_a_full_run_waits_for_the_ordinary_one_that_is_active(dealer: Dealer) -> None:
    schedule_id = add(dealer, mode="full")
    dealer.ask()
    slip(schedule_id, timedelta(seconds=1))
    assert (start_due_runs(), slots(schedule_id)) == (0, [])
    end_runs()
    assert (start_due_runs(), slots(schedule_id)) == (1, [("started", 0)])
    assert rows("SELECT mode FROM sync_runs ORDER BY id") == [("normal",), ("full",)]


def test_what_was_missed_waits_for_the_end_of_a_blackout(dealer: Dealer) -> None:
    local = now().time()
    hours = {"from": f"{local:%H}:00", "until": f"{(local.hour + 2) % 24:02}:00"}
    schedule_id = add(dealer, blackout=[hours])
    slip(schedule_id, timedelta(hours=5))
    assert (start_due_runs(), slots(schedule_id)) == (0, [])


def test_a_paused_link_starts_nothing_and_begins_at_once_when_resumed(dealer: Dealer) -> None:
    schedule_id = add(dealer)
    slip(schedule_id, timedelta(seconds=1))
    with transaction(SYSTEM) as tx:
        sync.pause(tx, dealer.link_id, "Bakım var")
    assert start_due_runs() == 0
    with transaction(SYSTEM) as tx:
        sync.resume(tx, dealer.link_id)
    assert start_due_runs() == 1


def test_a_schedule_nobody_can_read_holds_up_no_other(dealer: Dealer) -> None:
    broken, sound = add(dealer), add(dealer)
    slip(broken, timedelta(minutes=2))
    slip(sound, timedelta(minutes=1))
    rows("UPDATE sync_schedules SET time_zone = 'Mars/Olympus' WHERE id = :id RETURNING 1", id=broken)
    assert (start_due_runs(), slots(sound)) == (1, [("started", 0)])


def test_a_slot_that_comes_again_as_the_clock_is_put_back_is_not_run_twice(dealer: Dealer) -> None:
    schedule_id = add(dealer)
    slot = slip(schedule_id, timedelta(seconds=1))
    assert start_due_runs() == 1
    end_runs()
    rows("UPDATE sync_schedules SET next_slot_at = :slot RETURNING 1", slot=slot)
    assert (start_due_runs(), slots(schedule_id)) == (0, [("started", 0)])


@pytest.mark.parametrize("wish", [{"is_enabled": False}, {"is_enabled": True}])
def test_a_disabled_schedule_rests(dealer: Dealer, wish: dict[str, Any]) -> None:
    slip(add(dealer, **wish), timedelta(seconds=1))
    assert start_due_runs() == int(wish["is_enabled"])
