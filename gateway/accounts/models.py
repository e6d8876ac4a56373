"""A person with a sign-in, and the addresses that guessed too often."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.channels import Channel
from gateway.db import Base, Id, now


class User(Base):
    """A person who signs in at one channel; `username` is stored folded, `password_hash` is argon2id.

    Whatever was given before `credentials_changed_at` (sessions, refresh tokens, access tokens) is worth nothing.
    """

    __tablename__ = "users"

    id: Mapped[Id]
    username: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    partner_id: Mapped[UUID | None]
    customer_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(Text, default="active")
    display_name: Mapped[str] = mapped_column(Text, default="")
    locale: Mapped[str] = mapped_column(Text, default="")
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    credentials_changed_at: Mapped[datetime | None]
    signed_in_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    def __repr__(self) -> str:
        return f"User({self.username!r}, {self.role})"

    @property
    def door(self) -> Channel:
        """The channel as the kernel's type."""
        return Channel(self.channel)

    @property
    def is_active(self) -> bool:
        """Whether this person may sign in at all."""
        return self.status == "active"

    def is_locked(self, at: datetime) -> bool:
        """Whether failed sign-ins keep this person out at that moment."""
        return self.locked_until is not None and self.locked_until > at


class SignInAddress(Base):
    """How often one network address failed lately; IPv6 addresses count by their /64."""

    __tablename__ = "sign_in_addresses"

    address: Mapped[str] = mapped_column(Text, primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    updated_at: Mapped[datetime]
