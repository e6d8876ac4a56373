"""A queue, an item in it, and what was done with the item."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, SmallInteger, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, Id, now
from gateway.desk.queues.opening_hours import OpeningHours


class WorkQueue(Base):
    """A named queue with its promise: so many percent of the items are taken within so many seconds of its open time.

    `opening_hours` are in wire form, None day and night.
    """

    __tablename__ = "desk_queues"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(Text)
    team: Mapped[str | None] = mapped_column(Text)
    target_seconds: Mapped[int]
    target_percent: Mapped[int] = mapped_column(SmallInteger)
    lease_minutes: Mapped[int]
    service_points: Mapped[list[str]] = mapped_column(ARRAY(Text))
    opening_hours: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    is_archived: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    @property
    def opening(self) -> OpeningHours:
        """When it is worked on."""
        return OpeningHours.read(self.opening_hours)


class Item(Base):
    """Work about a customer.

    It can be taken from `ready_at` on, by `assigned_to` alone where somebody is named; `priority` is 0 (urgent) to 3.
    `waiting_since` is when it came into this queue, or its hour; `answered_at` when it was first taken there.
    """

    __tablename__ = "desk_items"

    id: Mapped[Id]
    queue_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default="waiting")
    customer_id: Mapped[UUID]
    matter_id: Mapped[UUID | None]
    subject: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    priority: Mapped[int] = mapped_column(SmallInteger)
    skills: Mapped[list[str]] = mapped_column(ARRAY(Text))
    waiting_since: Mapped[datetime]
    ready_at: Mapped[datetime]
    due_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    assigned_to: Mapped[str | None] = mapped_column(Text)
    claimed_by: Mapped[str | None] = mapped_column(Text)
    leased_until: Mapped[datetime | None]
    channel: Mapped[str | None] = mapped_column(Text)
    contact_point: Mapped[UUID | None]
    purpose: Mapped[str | None] = mapped_column(Text)
    against: Mapped[list[Any]] = mapped_column(default=list)
    outcome: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Step(Base):
    """What was done with an item; `waited_seconds` where it was the first taking in its queue."""

    __tablename__ = "desk_item_steps"

    id: Mapped[Id]
    item_id: Mapped[UUID]
    queue_id: Mapped[UUID]
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    waited_seconds: Mapped[int | None]
