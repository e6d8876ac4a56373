"""A referral: the house offers a customer to a partner."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, Id, now


class Referral(Base):
    """Who is offered to whom, and what came of it; `preview` is what the partner sees before it accepts.

    `share_reference` names the share that accepting makes, so that returning ends that one and no other.
    """

    __tablename__ = "referrals"

    id: Mapped[Id]
    partner_id: Mapped[UUID]
    partner: Mapped[str] = mapped_column(Text)
    customer_id: Mapped[UUID]
    scope: Mapped[str] = mapped_column(Text)
    scope_key: Mapped[str] = mapped_column(Text)
    interest: Mapped[str | None] = mapped_column(Text)
    ground: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    preview: Mapped[dict[str, Any]] = mapped_column(default=dict)
    status: Mapped[str] = mapped_column(Text, default="offered")
    reason: Mapped[str | None] = mapped_column(Text)
    offered_by: Mapped[str] = mapped_column(Text)
    offered_at: Mapped[datetime] = mapped_column(default=now)
    answer_by: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    @property
    def share_reference(self) -> str:
        """What the share says that it is for."""
        return f"referral {self.id}"

    def become(self, status: str) -> None:
        """Go into another state."""
        self.status, self.version = status, self.version + 1
