"""An erasure, and what each partner that had received the person was told and has answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, CreatedAt, Id


class Erasure(Base):
    """Whom a case erased, by every id they had, and how much of what; it proves the erasure and names nobody.

    `is_logged` says that the erasure log knows of it as it stands now.
    """

    __tablename__ = "erasures"

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_logged: Mapped[bool] = mapped_column(default=False)
    began_at: Mapped[CreatedAt]
    erased_at: Mapped[datetime | None]
    readmitted_at: Mapped[datetime | None]


class ErasureNotice(Base):
    """One partner that had the person: why we think so (`grounds`), when it was told, and when it said it was done.

    `references_sealed` are the partner's own names of the record, so that it finds it; gone once it has answered.
    """

    __tablename__ = "erasure_notices"

    id: Mapped[Id]
    case_id: Mapped[UUID]
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"))
    former_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    references_sealed: Mapped[str | None] = mapped_column(Text)
    grounds: Mapped[list[str]] = mapped_column(ARRAY(Text))
    told_at: Mapped[datetime | None]
    due_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    reminders: Mapped[int] = mapped_column(default=0)
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(Text)
