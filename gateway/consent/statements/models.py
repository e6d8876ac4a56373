"""A statement."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, Id


class Statement(Base):
    """What a customer has said at `said_at`: written once, and never changed but for the record it stands at.

    `purpose` None is every purpose, `channel` may be `all`, `contact_value` is that of `contact_point` then. It is said
    to an `audience`: `all`, the `house`, or one partner. `recorder` is the partner that wrote it down, None the house.
    """

    __tablename__ = "consent_statements"

    id: Mapped[Id]
    customer_id: Mapped[UUID]
    said_of: Mapped[UUID]
    moves: Mapped[list[Any]] = mapped_column(default=list)
    purpose: Mapped[str | None] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    contact_point: Mapped[UUID | None]
    contact_value: Mapped[str | None] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(Text)
    audience: Mapped[str] = mapped_column(Text)
    partner_id: Mapped[UUID | None]
    partner: Mapped[str | None] = mapped_column(Text)
    said_at: Mapped[datetime]
    valid_until: Mapped[datetime | None]
    source: Mapped[str] = mapped_column(Text)
    evidence: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(Text)
    recorder_id: Mapped[UUID | None]
    recorder: Mapped[str | None] = mapped_column(Text)
