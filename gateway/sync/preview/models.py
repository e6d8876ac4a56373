"""What a preview has shown."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base


class Previewed(Base):
    """One thing that a run would do (`lines.Line`), by its number within the preview."""

    __tablename__ = "sync_previewed"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("sync_runs.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    stream: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    external_id: Mapped[str | None] = mapped_column(Text)
    record_id: Mapped[UUID | None]
    changes: Mapped[list[Any]]
    reasons: Mapped[list[Any]]
