"""A link's schedules, and every slot of them that was dealt with."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, CreatedAt, Id, now


class SyncSchedule(Base):
    """When a link runs by itself: every so many seconds, or by five fields of cron in a time zone.

    `next_slot_at` is the earliest slot not yet dealt with; None when no more will come. Intervals count from
    `anchored_at`. The default schedule is the one that the link's own `interval_seconds` stands for.
    """

    __tablename__ = "sync_schedules"

    id: Mapped[Id]
    link_id: Mapped[UUID] = mapped_column(ForeignKey("sync_links.id"))
    is_default: Mapped[bool] = mapped_column(default=False)
    interval_seconds: Mapped[int | None]
    cron: Mapped[str | None] = mapped_column(Text)
    time_zone: Mapped[str] = mapped_column(Text, default="UTC")
    blackout: Mapped[list[Any]] = mapped_column(default=list)
    catch_up: Mapped[str] = mapped_column(Text, default="once")
    mode: Mapped[str] = mapped_column(Text, default="normal")
    is_enabled: Mapped[bool] = mapped_column(default=True)
    anchored_at: Mapped[datetime] = mapped_column(default=now)
    next_slot_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class ScheduleSlot(Base):
    """One slot and what became of it: a run was `started`, it `joined` the run then active, or it was let pass.

    `passed_over` counts the missed slots before it that this one stands for.
    """

    __tablename__ = "sync_schedule_slots"

    schedule_id: Mapped[UUID] = mapped_column(ForeignKey("sync_schedules.id"), primary_key=True)
    slot_at: Mapped[datetime] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(Text)
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("sync_runs.id"))
    passed_over: Mapped[int] = mapped_column(default=0)
    taken_at: Mapped[datetime] = mapped_column(default=now)
