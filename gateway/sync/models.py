"""A link to a partner's system, its runs, and what stands between the two sides."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, LargeBinary, Text, Uuid, func, literal_column, select
from sqlalchemy.orm import Mapped, column_property, mapped_column

from gateway.db import Base, CreatedAt, Id, now
from gateway.queue import Leased
from gateway.sync.schedules.models import SyncSchedule
from gateway.sync.traffic.models import CIRCUIT, Traffic

COUNTERS = ("read", "created", "changed", "unchanged", "rejected", "conflicts", "deleted", "pushed", "failed")
ACTIVE = ("queued", "running")
PREVIEW = "preview"  # the mode that changes nothing, not even whether the link is paused
_LINK = literal_column("sync_links.id", Uuid)


class SyncLink(Base):
    """One partner's system and how to talk to it.

    `settings` are the connector's without its secrets; those stand in `sealed`, encrypted and bound to this row.
    `interval_seconds` and `next_run_at` are read from its schedules; `circuit`, `circuit_until` and `quiet_until` tell
    how it stands with its partner, which gets `requests_per_minute` and `most_concurrent` requests at most.
    `deletion_policy` says what becomes of a customer the partner deleted: its share ends, or it turns inactive. A run
    stops when more than these shares (0 to 1) would vanish from a full listing, or are rejected.
    """

    __tablename__ = "sync_links"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(Text)
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"))
    connector: Mapped[str] = mapped_column(Text)
    settings: Mapped[dict[str, Any]]
    sealed: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default="active")
    paused_reason: Mapped[str | None] = mapped_column(Text)
    deletion_policy: Mapped[str] = mapped_column(Text, default="unshare")
    most_vanished_share: Mapped[float] = mapped_column(default=0.2)
    most_rejected_share: Mapped[float] = mapped_column(default=0.5)
    requests_per_minute: Mapped[int | None]
    most_concurrent: Mapped[int] = mapped_column(default=4)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    interval_seconds: Mapped[int | None] = column_property(
        select(SyncSchedule.interval_seconds)
        .where(SyncSchedule.link_id == _LINK, SyncSchedule.is_default)
        .scalar_subquery()
    )
    next_run_at: Mapped[datetime | None] = column_property(
        select(func.min(SyncSchedule.next_slot_at))
        .where(SyncSchedule.link_id == _LINK, SyncSchedule.is_enabled)
        .scalar_subquery()
    )

    circuit: Mapped[str] = column_property(
        func.coalesce(select(CIRCUIT).where(Traffic.link_id == _LINK).scalar_subquery(), "closed")
    )
    circuit_until: Mapped[datetime | None] = column_property(
        select(Traffic.open_until).where(Traffic.link_id == _LINK).scalar_subquery()
    )
    quiet_until: Mapped[datetime | None] = column_property(
        select(Traffic.quiet_until)
        .where(Traffic.link_id == _LINK, Traffic.quiet_until > func.clock_timestamp())
        .scalar_subquery()
    )

    def __repr__(self) -> str:
        return f"SyncLink({self.name!r}, {self.connector})"


class SyncRun(Leased, Base):
    """One round of work on a link. `streams` counts per stream; `steps_done` is where a later attempt goes on.

    `mode` names what the run does (`jobs.MODES`), `options` what that mode needs to know.
    """

    __tablename__ = "sync_runs"

    id: Mapped[Id]
    link_id: Mapped[UUID] = mapped_column(ForeignKey("sync_links.id"))
    mode: Mapped[str] = mapped_column(Text, default="normal")
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    status: Mapped[str] = mapped_column(Text, default="queued")
    streams: Mapped[dict[str, Any]] = mapped_column(default=dict)
    steps_done: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    error: Mapped[str | None] = mapped_column(Text)
    cursors_before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    cursors_after: Mapped[dict[str, Any]] = mapped_column(default=dict)
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(default=now)
    cancel_asked_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]


class SyncCursor(Base):
    """How far a stream of a link has been read; opaque, written by the connector."""

    __tablename__ = "sync_cursors"

    link_id: Mapped[UUID] = mapped_column(ForeignKey("sync_links.id"), primary_key=True)
    stream: Mapped[str] = mapped_column(Text, primary_key=True)
    cursor: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class CrossReference(Base):
    """Which record of the partner is which of ours.

    `said` is what the partner said last with what we wrote over it since, as canonical JSON, `content_hash` a hash of
    it; `written` names the fields we wrote and did not read back yet, `rewritten` those that came back as something
    else when they were last read back. `version` is the partner's, `is_ours` marks
    records that began in the hub. `status_before` is the status a customer had until its deletion at the partner made
    it inactive; `first_sent_at` and `last_sent_at` say when we wrote there.
    """

    __tablename__ = "sync_references"

    link_id: Mapped[UUID] = mapped_column(primary_key=True)  # no foreign key: a trigger is far cheaper
    stream: Mapped[str] = mapped_column(Text, primary_key=True)
    external_id: Mapped[str] = mapped_column(Text, primary_key=True)
    record_id: Mapped[UUID]
    content_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    version: Mapped[str | None] = mapped_column(Text)
    said: Mapped[bytes | None] = mapped_column(LargeBinary)
    written: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    rewritten: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    is_ours: Mapped[bool] = mapped_column(default=False)
    deleted_at: Mapped[datetime | None]
    known_since: Mapped[datetime] = mapped_column(default=now)
    status_before: Mapped[str | None] = mapped_column(Text)
    first_sent_at: Mapped[datetime | None]
    last_sent_at: Mapped[datetime | None]


class RejectedRecord(Base):
    """A partner's record that could not be taken over, whole, with its reasons.

    `key` is its external id, or its fingerprint where it has none that can be used; `waits_for` is the external id of
    the customer an interaction came too early for. Of a huge record only the beginning is kept: it is not whole.
    """

    __tablename__ = "sync_rejected"

    id: Mapped[Id]
    link_id: Mapped[UUID] = mapped_column(ForeignKey("sync_links.id"))
    stream: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    external_id: Mapped[str | None] = mapped_column(Text)
    raw: Mapped[str] = mapped_column(Text)
    reasons: Mapped[list[Any]]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    waits_for: Mapped[str | None] = mapped_column(Text)
    is_whole: Mapped[bool] = mapped_column(default=True)
    seen: Mapped[int] = mapped_column(default=1)
    first_seen_at: Mapped[datetime] = mapped_column(default=now)
    last_seen_at: Mapped[datetime] = mapped_column(default=now)


class PushOperation(Base):
    """One write the partner still has to get, stored before the call and gone when it is done.

    `state` is open, failed, or sent: a new record that the partner has (or may have, where its share ended meanwhile),
    and has not told its own id of yet.
    `sent_at` says that the partner was called and its answer is unknown, `sent` is what it was sent then, as canonical
    JSON; `changed` names the fields (none: all), `wished_at` the last time that somebody asked for it;
    `stale_version` is the partner's version that turned out to be old, so nothing is sent before the next pull.
    """

    __tablename__ = "sync_operations"

    id: Mapped[Id]
    link_id: Mapped[UUID] = mapped_column(ForeignKey("sync_links.id"))
    stream: Mapped[str] = mapped_column(Text)
    record_id: Mapped[UUID]
    op: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="open")
    changed: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    sent: Mapped[bytes | None] = mapped_column(LargeBinary)
    sent_at: Mapped[datetime | None]
    stale_version: Mapped[str | None] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(default=now)
    wished_at: Mapped[datetime] = mapped_column(default=now)
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
