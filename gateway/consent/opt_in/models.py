"""A customer that was asked for consent at a contact point."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, Id, now


class Confirmation(Base):
    """What was asked, by whom, and whether the answer came; `mark` is of the one secret that answers it."""

    __tablename__ = "consent_confirmations"

    id: Mapped[Id]
    customer_id: Mapped[UUID]
    partner_id: Mapped[UUID | None]
    partner: Mapped[str | None] = mapped_column(Text)
    audience: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    contact_point: Mapped[UUID]
    contact_value: Mapped[str] = mapped_column(Text)
    wording: Mapped[str | None] = mapped_column(Text)
    mark: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default="pending")
    requested_by: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]

    def is_open(self, moment: datetime) -> bool:
        """Whether it can still be answered."""
        return self.status == "pending" and moment < self.expires_at
