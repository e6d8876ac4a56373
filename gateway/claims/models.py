"""A claim: a partner says that it brought a customer."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, Id, now


class Claim(Base):
    """What a partner claims, and what became of it.

    `status` is what the house knows. `told` is what the partner has been told, which may lag behind on purpose: it
    hears of a rejection at the moment that was set when it submitted the claim, whatever happened meanwhile; None is a
    claim that a merge raised and that it knows nothing of. At `due_at` it is told, or what was approved ends.
    `customer_id` is who it is, named by the partner (`is_named`) or found by `keys`.
    """

    __tablename__ = "claims"

    id: Mapped[Id]
    partner_id: Mapped[UUID]
    partner: Mapped[str] = mapped_column(Text)
    customer_id: Mapped[UUID | None]
    is_named: Mapped[bool] = mapped_column(default=False)
    raised_by: Mapped[str] = mapped_column(Text, default="partner")
    person: Mapped[dict[str, Any]] = mapped_column(default=dict)
    keys: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    scope: Mapped[str] = mapped_column(Text)
    scope_key: Mapped[str] = mapped_column(Text)
    evidence: Mapped[list[Any]] = mapped_column(default=list)
    note: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default="draft")
    told: Mapped[str | None] = mapped_column(Text)
    submitted_at: Mapped[datetime | None]
    answer_by: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(Text)
    decision_note: Mapped[str | None] = mapped_column(Text)
    protected_until: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    @property
    def is_emptied(self) -> bool:
        """Whether nothing is left of whom it is about: the person was erased."""
        return self.customer_id is None and not self.person

    def tell(self, told: str, moment: datetime) -> None:
        """Have the partner see it in another state."""
        self.told, self.told_at, self.version = told, moment, self.version + 1
