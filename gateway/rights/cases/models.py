"""A case and the steps it has taken."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, CreatedAt, Id

OPEN = ("received", "in_progress")


class RightsCase(Base):
    """What a customer asked for, by themselves (internet) or through an employee (intranet).

    `wish` is what its kind needs to know, `reason` why it was refused, `result` what came of it, `operation_id` the
    work on it. `note` and `wish` go when the customer is erased, the case stays.
    """

    __tablename__ = "rights_cases"

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(Text)
    customer_id: Mapped[UUID]  # no foreign key: the case outlives the customer
    channel: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default="received")
    note: Mapped[str | None] = mapped_column(Text)
    wish: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reason: Mapped[str | None] = mapped_column(Text)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    operation_id: Mapped[UUID | None]
    due_at: Mapped[datetime]
    created_at: Mapped[CreatedAt]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class RightsStep(Base):
    """One step of a case: what was done, when and by whom."""

    __tablename__ = "rights_steps"

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("rights_cases.id"))
    at: Mapped[CreatedAt]
    step: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
