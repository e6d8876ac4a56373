"""One piece of long work and how far it has come."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, CreatedAt, Id, now
from gateway.queue import Leased

ACTIVE = ("queued", "running")


class Operation(Leased, Base):
    """Work of a registered kind for whoever asked: a partner (extranet), a customer (internet) or the house (intranet).

    `done` of `total` things are dealt with, `failed` of them in vain; `cursor` is where the next step begins. `tries`
    counts failures of the present step.
    """

    __tablename__ = "operations"

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partners.id"))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    started_by: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default="queued")
    total: Mapped[int | None] = mapped_column(BigInteger)
    done: Mapped[int] = mapped_column(BigInteger, default=0)
    failed: Mapped[int] = mapped_column(BigInteger, default=0)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    cursor: Mapped[dict[str, Any]] = mapped_column(default=dict)
    result: Mapped[dict[str, Any] | None]
    error: Mapped[str | None] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(default=now)
    cancel_asked_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
