"""A matter, what was said of it, and the interactions that belong to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, Id


class Matter(Base):
    """What a customer wants settled.

    `partner` repeats the code of the partner that works on it too; `priority` is 0 (urgent) to 3; `pending_since` is
    when it began to wait for the customer: that time does not count against us.
    """

    __tablename__ = "matters"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(Text)
    customer_id: Mapped[UUID]
    partner_id: Mapped[UUID | None]
    partner: Mapped[str | None] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    priority: Mapped[int] = mapped_column(SmallInteger)
    service_point: Mapped[str] = mapped_column(Text)
    owner: Mapped[str | None] = mapped_column(Text)
    queue_id: Mapped[UUID | None]
    is_internal: Mapped[bool]
    opened_by: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime]
    first_response_due_at: Mapped[datetime]
    first_responded_at: Mapped[datetime | None]
    due_at: Mapped[datetime]
    pending_since: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    solved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reopened: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]


class Entry(Base):
    """What was said of a matter, or done with it; `partner` wrote it, where it was one."""

    __tablename__ = "matter_entries"

    id: Mapped[Id]
    matter_id: Mapped[UUID]
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(Text)
    partner: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    visibility: Mapped[str] = mapped_column(Text)
    text: Mapped[str | None] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Link(Base):
    """An interaction that belongs to a matter; to one at most."""

    __tablename__ = "matter_interactions"

    interaction_id: Mapped[UUID] = mapped_column(primary_key=True)
    matter_id: Mapped[UUID]
    added_at: Mapped[datetime]
