"""A way in which contacts end."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, now


class Disposition(Base):
    """How a contact ended, and what follows by itself; version 0 is as Köprü brings it, and stands in no row."""

    __tablename__ = "dispositions"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    english: Mapped[str] = mapped_column(Text)
    turkish: Mapped[str] = mapped_column(Text)
    is_reached: Mapped[bool]
    effect: Mapped[str] = mapped_column(Text)
    is_archived: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
