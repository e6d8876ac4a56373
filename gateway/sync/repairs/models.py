"""The parts of a range of time that is read again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, Id
from gateway.queue import Leased


class SyncPart(Leased, Base):
    """One span of one stream, [since, until): worked on by one worker at a time, resumed from `cursor`, then done."""

    __tablename__ = "sync_parts"

    id: Mapped[Id]
    run_id: Mapped[UUID] = mapped_column(ForeignKey("sync_runs.id"))
    stream: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
    until: Mapped[datetime]
    cursor: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="open")
