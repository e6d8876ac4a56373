"""What workers know together of a partner, and the log of what passed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Text, case, func
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base


class Traffic(Base):
    """How a link stands with its partner: its bucket of requests, when to leave it alone, and its circuit.

    `quiet_until` is the partner's own wish, `error` what its last failure said; until `slow_until` it counts as slow.
    """

    __tablename__ = "sync_traffic"

    link_id: Mapped[UUID] = mapped_column(ForeignKey("sync_links.id"), primary_key=True)
    tokens: Mapped[float] = mapped_column(default=0.0)
    drawn_at: Mapped[datetime]
    quiet_until: Mapped[datetime | None]
    slow_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]
    opened: Mapped[int] = mapped_column(default=0)
    open_until: Mapped[datetime | None]
    probe_until: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)


# The state of `circuit.Circuit` in SQL: by the database's clock, as everything here.
CIRCUIT = case(
    (Traffic.open_until.is_(None), "closed"), (Traffic.open_until > func.clock_timestamp(), "open"), else_="probing"
)


class SentRequest(Base):
    """One request of a run and how it went; no header, no query, no body, and secrets masked in the path."""

    __tablename__ = "sync_requests"

    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("sync_runs.id"))
    at: Mapped[datetime]
    method: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(Text)
    status: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(Text)
    duration_ms: Mapped[int]
    sent_bytes: Mapped[int] = mapped_column(BigInteger)
    received_bytes: Mapped[int] = mapped_column(BigInteger)
