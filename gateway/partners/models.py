"""A partner and its agreement."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, Id, now


class Partner(Base):
    """A business partner or own branch, and its agreement.

    `granted_fields` are the customer fields it adds, `purposes` what its shares are for (none: everything); what is
    None is as usual with partners of its `kind` (`gateway.partners.terms`).
    """

    __tablename__ = "partners"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default="active")
    granted_fields: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    kind: Mapped[str] = mapped_column(Text, default="independent")
    purposes: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    share_role: Mapped[str | None] = mapped_column(Text)
    protection_days: Mapped[int | None]
    answer_days: Mapped[int | None]
    preview_fields: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
