"""A field that both sides changed, as it waits for a steward or was settled, and the rules that settle others."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, CreatedAt, Id, now

STATUSES = ("open", "settled")


class SyncConflict(Base):
    """Two words on one field of a record: ours, and that of a link's partner; `base` is what both had before.

    While it is open the field is neither taken from that link nor pushed to it, and a newer word of either side
    replaces the older one. `chosen` says what it came to: ours, theirs, another value, both became the same, or the
    record is gone.
    """

    __tablename__ = "sync_conflicts"

    id: Mapped[Id]
    link_id: Mapped[UUID] = mapped_column(ForeignKey("sync_links.id"))
    stream: Mapped[str] = mapped_column(Text)
    record_id: Mapped[UUID]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    field: Mapped[str] = mapped_column(Text)
    base: Mapped[Any] = mapped_column(JSONB)
    ours: Mapped[Any] = mapped_column(JSONB)
    theirs: Mapped[Any] = mapped_column(JSONB)
    their_time: Mapped[datetime | None]
    our_source: Mapped[str] = mapped_column(Text)
    our_time: Mapped[datetime | None]
    rule: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    chosen: Mapped[str | None] = mapped_column(Text)
    settled_by: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class MergeRule(Base):
    """How a field's meeting words are settled, over all links; what is not set has its default."""

    __tablename__ = "sync_merge_rules"

    stream: Mapped[str] = mapped_column(Text, primary_key=True)
    field: Mapped[str] = mapped_column(Text, primary_key=True)
    rule: Mapped[str] = mapped_column(Text)
    sources: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
