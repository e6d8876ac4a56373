"""What can be done with a link's schedules. Nothing here commits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from sqlalchemy import case, func, select, update

from gateway import audit
from gateway.db import Transaction, new_id, now
from gateway.errors import PreconditionFailed, refuse_field
from gateway.sync.models import SyncLink
from gateway.sync.repairs.abilities import require
from gateway.sync.schedules.models import ScheduleSlot, SyncSchedule
from gateway.sync.schedules.timing import Blackout, Timing

_SHOWN_SLOTS = 5
_RULE = frozenset({"interval_seconds", "cron", "time_zone", "blackout"})


def add_schedule(tx: Transaction, link_id: UUID, wish: dict[str, Any], *, is_default: bool = False) -> SyncSchedule:
    """Add a loaded `ScheduleInput` to a link; raises Invalid where it names no moment at all, ConnectorUnable."""
    schedule = SyncSchedule(id=new_id(), link_id=link_id, is_default=is_default, **wish)
    _check_mode(tx, schedule)
    tx.session.add(schedule)
    _begin_anew(tx, schedule)
    audit.record(tx, "sync.schedule.created", "sync_schedule", schedule.id, {"link": str(link_id)})
    return schedule


def list_schedules(
    tx: Transaction, link_id: UUID | None = None, after: UUID | None = None, limit: int | None = None
) -> list[SyncSchedule]:
    """A link's schedules, or everybody's, in the order in which they were made."""
    statement = select(SyncSchedule).order_by(SyncSchedule.id)
    if link_id is not None:
        statement = statement.where(SyncSchedule.link_id == link_id)
    return tx.scalars((statement if after is None else statement.where(SyncSchedule.id > after)).limit(limit))


def get_schedule(tx: Transaction, schedule_id: UUID) -> SyncSchedule:
    """The schedule with this id; raises NotFound."""
    return tx.get(SyncSchedule, schedule_id)


def change_schedule(
    tx: Transaction, schedule_id: UUID, patch: dict[str, Any], expected_version: int | None = None
) -> SyncSchedule:
    """Apply a loaded `SchedulePatch`; raises NotFound, PreconditionFailed, Invalid, ConnectorUnable."""
    schedule = tx.get(SyncSchedule, schedule_id, lock=True)
    if expected_version not in (None, schedule.version):
        raise PreconditionFailed
    for name, value in _one_rule(patch).items():
        setattr(schedule, name, value)
    if not _RULE.isdisjoint(patch) or patch.get("is_enabled"):
        _begin_anew(tx, schedule)
    if "mode" in patch:
        _check_mode(tx, schedule)
    schedule.version += 1
    audit.record(tx, "sync.schedule.changed", "sync_schedule", schedule.id, {"fields": sorted(patch)})
    return schedule


def remove_schedule(tx: Transaction, schedule_id: UUID) -> None:
    """End a schedule, its slots with it; raises NotFound."""
    schedule = get_schedule(tx, schedule_id)
    tx.session.delete(schedule)
    audit.record(tx, "sync.schedule.deleted", "sync_schedule", schedule_id, {"link": str(schedule.link_id)})


def set_interval(tx: Transaction, link_id: UUID, seconds: int | None) -> None:
    """Make the link's default schedule run every so many seconds; None ends it."""
    default = tx.session.scalar(select(SyncSchedule).where(SyncSchedule.link_id == link_id, SyncSchedule.is_default))
    if default is None and seconds is not None:
        add_schedule(tx, link_id, {"interval_seconds": seconds}, is_default=True)
    elif default is not None and seconds is None:
        remove_schedule(tx, default.id)
    elif default is not None:
        change_schedule(tx, default.id, {"interval_seconds": seconds})
    tx.session.flush()


def make_due(tx: Transaction, link_id: UUID) -> None:
    """Let the link's intervals begin at once, as after a pause; cron, and what never catches up, keeps its time."""
    at_once = case((SyncSchedule.next_slot_at > func.now(), func.now()), else_=SyncSchedule.next_slot_at)
    tx.session.execute(
        update(SyncSchedule)
        .where(SyncSchedule.link_id == link_id, SyncSchedule.cron.is_(None), SyncSchedule.catch_up == "once")
        .values(next_slot_at=at_once)
    )


def timing_of(schedule: SyncSchedule) -> Timing:
    """The rule of a stored schedule."""
    return Timing(
        zone=ZoneInfo(schedule.time_zone),
        anchored_at=schedule.anchored_at,
        interval_seconds=schedule.interval_seconds,
        cron=schedule.cron,
        blackout=[Blackout.read(each) for each in schedule.blackout],
    )


def coming_slots(schedule: SyncSchedule) -> list[datetime]:
    """The next five slots, as long as the schedule is enabled."""
    return list(islice(slots_from(schedule), _SHOWN_SLOTS)) if schedule.is_enabled else []


def slots_from(schedule: SyncSchedule) -> Iterator[datetime]:
    """The slots not yet dealt with, the earliest first."""
    if schedule.next_slot_at is not None:
        yield schedule.next_slot_at
        yield from timing_of(schedule).slots_after(schedule.next_slot_at)


def list_slots(tx: Transaction, schedule_id: UUID, before: datetime | None, limit: int) -> list[ScheduleSlot]:
    """The slots that were dealt with, the newest first."""
    statement = (
        select(ScheduleSlot).where(ScheduleSlot.schedule_id == schedule_id).order_by(ScheduleSlot.slot_at.desc())
    )
    return tx.scalars((statement if before is None else statement.where(ScheduleSlot.slot_at < before)).limit(limit))


def _begin_anew(tx: Transaction, schedule: SyncSchedule) -> None:
    """Count from now on; raises Invalid for a rule that names no moment."""
    _check_kind(schedule)
    tx.session.flush()
    tx.session.refresh(schedule)
    schedule.anchored_at = tx.session.scalar(select(func.now())) or now()
    schedule.next_slot_at = next(timing_of(schedule).slots_after(schedule.anchored_at), None)
    if schedule.next_slot_at is None:
        raise refuse_field("/blackout", "never", "Between its blackouts this schedule names no moment.")
    tx.session.flush()


def _one_rule(patch: dict[str, Any]) -> dict[str, Any]:
    """The patch, in which giving one of the two rules ends the other."""
    ended = {"cron": "interval_seconds", "interval_seconds": "cron"}
    return {**{other: None for one, other in ended.items() if patch.get(one) is not None}, **patch}


def _check_mode(tx: Transaction, schedule: SyncSchedule) -> None:
    if schedule.mode == "full":  # or its first run would fail, and pause the link
        require(tx.session.get_one(SyncLink, schedule.link_id), "full_listing")


def _check_kind(schedule: SyncSchedule) -> None:
    if (schedule.interval_seconds is None) == (schedule.cron is None):
        raise refuse_field("/interval_seconds", "ambiguous", "Give either `interval_seconds` or `cron`.")
    if schedule.cron is not None:
        try:
            CronSim(schedule.cron, now())
        except CronSimError as wrong:
            raise refuse_field("/cron", "invalid", f"Not five fields of cron: {wrong}.") from None
