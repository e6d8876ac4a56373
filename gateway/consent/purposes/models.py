"""A purpose."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, now


class Purpose(Base):
    """What customers may be contacted for, and what holds for one who has said nothing.

    `basis` is `consent`, `legitimate_interest` or `legal`; version 0 is as Köprü brings it, and stands in no row.
    """

    __tablename__ = "consent_purposes"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    english: Mapped[str] = mapped_column(Text)
    turkish: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text)
    is_allowed_by_default: Mapped[bool]
    is_archived: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    @property
    def is_duty(self) -> bool:
        """Whether the law asks for it, so that nobody can object."""
        return self.basis == "legal"
