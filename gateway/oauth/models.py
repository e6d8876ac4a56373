"""What the authorization server remembers. Secrets, codes and tokens are stored as marks (one-way), never in clear."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, Id, now


class Client(Base):
    """An OAuth client: a program that asks for tokens at one channel; an extranet one belongs to a partner."""

    __tablename__ = "oauth_clients"

    id: Mapped[Id]
    client_id: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    partner_id: Mapped[UUID | None]
    auth_method: Mapped[str] = mapped_column(Text)
    grants: Mapped[list[str]] = mapped_column(ARRAY(Text))
    redirect_uris: Mapped[list[str]] = mapped_column(ARRAY(Text))
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    jwks: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    secret_mark: Mapped[str | None] = mapped_column(Text)
    old_secret_mark: Mapped[str | None] = mapped_column(Text)
    old_secret_expires_at: Mapped[datetime | None]
    quota_requests: Mapped[int | None]
    quota_seconds: Mapped[int | None]
    is_trusted: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(Text, default="active")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    def __repr__(self) -> str:
        return f"Client({self.client_id!r}, {self.channel})"

    @property
    def quota(self) -> tuple[int, int] | None:
        """(requests, seconds), or None for the installation's default."""
        return (self.quota_requests, self.quota_seconds) if self.quota_requests and self.quota_seconds else None


class SigningKey(Base):
    """A key of ours: `next` is published, `active` signs, `retired` only verifies. The private half is sealed."""

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(Text, primary_key=True)
    state: Mapped[str] = mapped_column(Text)
    sealed: Mapped[str] = mapped_column(Text)
    public: Mapped[dict[str, Any]] = mapped_column(JSONB)
    published_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]

    def __repr__(self) -> str:
        return f"SigningKey({self.kid!r}, {self.state})"


class SignInSession(Base):
    """A browser in which a person is signed in."""

    __tablename__ = "sign_in_sessions"

    id: Mapped[Id]
    mark: Mapped[str] = mapped_column(Text)
    user_id: Mapped[UUID]
    address: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]


class Consent(Base):
    """What a person allowed a client to do."""

    __tablename__ = "consents"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(Text, primary_key=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    updated_at: Mapped[datetime]


class AuthorizationCode(Base):
    """A code of at most 60 s; `family_id` names the tokens to come, so that a replay can end them."""

    __tablename__ = "authorization_codes"

    mark: Mapped[str] = mapped_column(Text, primary_key=True)
    client_id: Mapped[str] = mapped_column(Text)
    user_id: Mapped[UUID]
    redirect_uri: Mapped[str] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text)
    code_challenge: Mapped[str] = mapped_column(Text)
    family_id: Mapped[UUID]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RefreshFamily(Base):
    """Every refresh token that descends from one authorization; it lives and dies as one (RFC 9700 section 4.14)."""

    __tablename__ = "refresh_families"

    id: Mapped[Id]
    client_id: Mapped[str] = mapped_column(Text)
    user_id: Mapped[UUID]
    scope: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class RefreshToken(Base):
    """One token of a family; once used it names its successor, sealed for the seconds in which a retry gets it."""

    __tablename__ = "refresh_tokens"

    id: Mapped[Id]
    family_id: Mapped[UUID]
    mark: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime | None]
    successor_id: Mapped[UUID | None]
    successor_sealed: Mapped[str | None] = mapped_column(Text)


class AssertionId(Base):
    """A client assertion's `jti`, kept until the assertion has expired so that it works once (RFC 7523 section 3)."""

    __tablename__ = "assertion_ids"

    client_id: Mapped[str] = mapped_column(Text, primary_key=True)
    mark: Mapped[str] = mapped_column(Text, primary_key=True)
    expires_at: Mapped[datetime]


class Revocation(Base):
    """A token (`jti:…`) or a family (`family:…`) that must be refused until every token of it has expired."""

    __tablename__ = "revocations"

    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    revoked_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class IssuedToken(Base):
    """The record of one access token, by its `jti`: who got what, by which grant, from where."""

    __tablename__ = "issued_tokens"

    id: Mapped[Id]
    client_id: Mapped[str] = mapped_column(Text)
    user_id: Mapped[UUID | None]
    family_id: Mapped[UUID | None]
    grant_type: Mapped[str] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
