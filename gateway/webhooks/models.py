"""Endpoints, what each is owed, and every attempt to hand it over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, CreatedAt, Id, now
from gateway.queue import Leased


class Endpoint(Base):
    """An address somebody wants to be told at, and what of.

    It belongs to a partner (extranet), a customer (internet) or the house (intranet). `old_secret_sealed` goes on
    signing until `old_secret_until`. A deleted one keeps its row until upkeep has removed what hangs on it.
    """

    __tablename__ = "webhook_endpoints"

    id: Mapped[Id]
    channel: Mapped[str] = mapped_column(Text)
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partners.id"))
    partner: Mapped[str | None] = mapped_column(Text)
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    url: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="")
    event_types: Mapped[list[str]] = mapped_column(ARRAY(Text))
    status: Mapped[str] = mapped_column(Text, default="active")
    disabled_reason: Mapped[str | None] = mapped_column(Text)
    secret_sealed: Mapped[str] = mapped_column(Text)
    old_secret_sealed: Mapped[str | None] = mapped_column(Text)
    old_secret_until: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(default=now)


class Delivery(Leased, Base):
    """One event owed to one endpoint; `payload` is rendered once, as the owner could see the record then.

    `attempts` counts tries since it was last (re)started and drives the schedule; `attempt` only fences its lease.
    """

    __tablename__ = "webhook_deliveries"

    id: Mapped[Id]
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoints.id"))
    event_id: Mapped[UUID]
    customer_id: Mapped[UUID | None]
    type: Mapped[str] = mapped_column(Text)
    payload: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default="pending")
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[CreatedAt]


class Attempt(Base):
    """One try to hand an event over, as it went."""

    __tablename__ = "webhook_attempts"

    id: Mapped[Id]
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoints.id"))
    event_id: Mapped[UUID]
    attempted_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(Text)
    http_status: Mapped[int | None] = mapped_column(SmallInteger)
    error: Mapped[str | None] = mapped_column(Text)
    duration_ms: Mapped[int]
