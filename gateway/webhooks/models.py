"""Endpoints, what signs for them, what each is owed, and every attempt to hand it over."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Identity, Integer, SmallInteger, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, CreatedAt, Id, now
from gateway.queue import Leased


class Endpoint(Base):
    """An address somebody wants to be told at, and what of.

    It belongs to a partner (extranet), a customer (internet) or the house (intranet). `headers_sealed` are headers of
    its own as JSON, `access` says how we get in there (the secret part in `access_sealed`). `filters` are conditions on
    what is told, `retry_delays` seconds instead of the usual schedule. A deleted one keeps its row until upkeep has
    removed what hangs on it.
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
    payload: Mapped[str] = mapped_column(Text, default="full")
    filters: Mapped[list[Any]] = mapped_column(default=list)
    rate_per_minute: Mapped[int | None]
    is_ordered: Mapped[bool] = mapped_column(default=False)
    retry_delays: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))
    hold_hours: Mapped[int] = mapped_column(default=72)
    status: Mapped[str] = mapped_column(Text, default="active")
    disabled_reason: Mapped[str | None] = mapped_column(Text)
    disabled_at: Mapped[datetime | None]
    headers_sealed: Mapped[str | None] = mapped_column(Text)
    access: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    access_sealed: Mapped[str | None] = mapped_column(Text)
    deleted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(default=now)


class SigningKey(Base):
    """What signs an endpoint's messages: an HMAC secret (`v1`) or an Ed25519 key (`v1a`, with its public half).

    Several sign at once while they overlap; one whose `ends_at` has passed signs no more.
    """

    __tablename__ = "webhook_keys"

    id: Mapped[Id]
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoints.id"))
    kind: Mapped[str] = mapped_column(Text)
    sealed: Mapped[str] = mapped_column(Text)
    public: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
    ends_at: Mapped[datetime | None]


class Delivery(Leased, Base):
    """One event owed to one endpoint; `payload` is rendered once, as the owner could see the record then.

    `seq` follows the order of the events. `attempts` counts tries since it was last (re)started and drives the
    schedule; `attempt` only fences its lease; `trigger` says what (re)started it. It is `held` while its endpoint is
    disabled, for so long and no longer.
    """

    __tablename__ = "webhook_deliveries"

    id: Mapped[Id]
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoints.id"))
    event_id: Mapped[UUID]
    customer_id: Mapped[UUID | None]
    type: Mapped[str] = mapped_column(Text)
    payload: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default="pending")
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    trigger: Mapped[str] = mapped_column(Text, default="schedule")
    created_at: Mapped[CreatedAt]


class Attempt(Base):
    """One try to hand an event over, as it went; `response_body` is the first 16 KiB of the answer."""

    __tablename__ = "webhook_attempts"

    id: Mapped[Id]
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoints.id"))
    event_id: Mapped[UUID]
    customer_id: Mapped[UUID | None]
    number: Mapped[int] = mapped_column(default=1)
    trigger: Mapped[str] = mapped_column(Text, default="schedule")
    attempted_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text, default="")
    address: Mapped[str | None] = mapped_column(Text)
    http_status: Mapped[int | None] = mapped_column(SmallInteger)
    error: Mapped[str | None] = mapped_column(Text)
    duration_ms: Mapped[int]
    response_headers: Mapped[dict[str, Any] | None]
    response_body: Mapped[bytes | None]
