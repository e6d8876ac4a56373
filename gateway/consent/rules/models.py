"""What the house has laid down, and what a customer wants."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, now


class Rules(Base):
    """When and how often anybody may be contacted, in wire form; version 0 is as Köprü brings it, and is no row."""

    __tablename__ = "contact_rules"

    is_row: Mapped[bool] = mapped_column(primary_key=True, default=True)
    time_zone: Mapped[str] = mapped_column(Text)
    quiet_hours: Mapped[list[Any]]
    caps: Mapped[list[Any]]
    reservation_minutes: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class Preferences(Base):
    """How one customer would like to be contacted; `is_restricted` ends every contact. Version 0 is no row."""

    __tablename__ = "contact_preferences"

    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    preferred_channel: Mapped[str | None] = mapped_column(Text)
    preferred_hours: Mapped[list[Any]] = mapped_column(default=list)
    quiet_hours: Mapped[list[Any]] = mapped_column(default=list)
    time_zone: Mapped[str | None] = mapped_column(Text)
    is_restricted: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
