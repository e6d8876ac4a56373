"""A partner and its agreement."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, Id, now


class Partner(Base):
    """A business partner or own dealer; `granted_fields` are the customer fields its agreement adds."""

    __tablename__ = "partners"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default="active")
    granted_fields: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
