"""Schedules whose time has come: each slot is dealt with once, however many schedulers look. Nothing here commits."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import takewhile
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.dialects.postgresql import insert

from gateway.db import Transaction
from gateway.partners.models import Partner
from gateway.sync.models import SyncLink, SyncRun
from gateway.sync.runs import active_run, put_run
from gateway.sync.schedules.catch_up import Choice, choose
from gateway.sync.schedules.models import ScheduleSlot, SyncSchedule
from gateway.sync.schedules.service import slots_from, timing_of

_LOOK_BACK = timedelta(days=3)  # slots missed before are not counted one by one
_MOST_AT_ONCE = 500
_WORKING = (
    select(SyncLink.id)
    .join(Partner, Partner.id == SyncLink.partner_id)
    .where(SyncLink.status == "active", Partner.status == "active")
)
_IS_DUE = and_(SyncSchedule.is_enabled, SyncSchedule.next_slot_at <= func.now(), SyncSchedule.link_id.in_(_WORKING))


def due_ids(tx: Transaction) -> list[UUID]:
    """The schedules that have a slot to deal with, the longest waiting first."""
    return tx.scalars(select(SyncSchedule.id).where(_IS_DUE).order_by(SyncSchedule.next_slot_at).limit(_MOST_AT_ONCE))


def take_slot(tx: Transaction, schedule_id: UUID) -> UUID | None:
    """Deal with the schedule's next slot, unless another scheduler does or it has to wait; answers the run started.

    It waits for the end of a blackout, and for an active run of another mode; one of the same mode does its work.
    """
    statement = select(SyncSchedule, func.now()).where(SyncSchedule.id == schedule_id, _IS_DUE)
    row = tx.session.execute(statement.with_for_update(of=SyncSchedule, skip_locked=True)).first()
    if row is None:
        return None
    schedule, moment = row
    if timing_of(schedule).closed_until(moment):
        return None
    choice = choose(schedule.catch_up, _waiting(schedule, moment), moment)
    if tx.session.get(ScheduleSlot, (schedule.id, choice.slot_at)) is not None:  # the database's clock was put back
        _move_on(schedule, choice)
        return None
    active = active_run(tx, schedule.link_id)
    if not choice.is_run:
        _settle(tx, schedule, choice, "passed")
    elif active is None:
        return _start(tx, schedule, choice)
    elif active.mode == schedule.mode and schedule.catch_up != "all":
        _settle(tx, schedule, choice, "joined", active)
    return None


def _waiting(schedule: SyncSchedule, moment: datetime) -> list[datetime]:
    """The slots that have come, the oldest first."""
    if schedule.next_slot_at is not None and schedule.next_slot_at < moment - _LOOK_BACK:
        oldest = next(timing_of(schedule).slots_after(moment - _LOOK_BACK), None)
        if oldest is not None and oldest <= moment:
            schedule.next_slot_at = oldest
    return list(takewhile(lambda slot: slot <= moment, slots_from(schedule)))


def _start(tx: Transaction, schedule: SyncSchedule, choice: Choice) -> UUID | None:
    run_id = put_run(tx, schedule.link_id, schedule.mode)
    if run_id is None:  # somebody asked for one this very moment; the slot is looked at again
        return None
    _settle(tx, schedule, choice, "started", tx.session.get_one(SyncRun, run_id))
    return run_id


def _settle(tx: Transaction, schedule: SyncSchedule, choice: Choice, outcome: str, run: SyncRun | None = None) -> None:
    """Write down what became of the slot, and move on to the next."""
    values = {
        "schedule_id": schedule.id, "slot_at": choice.slot_at, "outcome": outcome, "run_id": run and run.id,
        "passed_over": choice.passed_over, "taken_at": func.now(),
    }  # fmt: skip
    tx.session.execute(insert(ScheduleSlot).values(values))
    _move_on(schedule, choice)


def _move_on(schedule: SyncSchedule, choice: Choice) -> None:
    schedule.next_slot_at = next(timing_of(schedule).slots_after(choice.slot_at), None)
