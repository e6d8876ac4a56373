"""Pairs that may be one customer, the weights they were judged by, and runs over the whole base."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, CreatedAt, Id


class IdentityPair(Base):
    """Two customers, `first_id` the smaller; `outcome` is what the score says, `status` what became of it.

    `bits` is the score, `levels` how each field compares, `adjusted` what the usualness of a field's value adds.
    """

    __tablename__ = "identity_pairs"

    id: Mapped[Id]
    first_id: Mapped[UUID]
    second_id: Mapped[UUID]
    is_person: Mapped[bool]
    bits: Mapped[float]
    levels: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    adjusted: Mapped[dict[str, Any]]
    outcome: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default="open")
    note: Mapped[str | None] = mapped_column(Text)
    settled_by: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]


class IdentityWeights(Base):
    """Weights that were estimated here, from so many `compared` and `settled` pairs; the newest are in force."""

    __tablename__ = "identity_weights"

    id: Mapped[Id]
    weights: Mapped[dict[str, Any]]
    compared: Mapped[int] = mapped_column(BigInteger)
    settled: Mapped[int] = mapped_column(BigInteger)
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]


class IdentityMatching(Base):
    """A run over the whole base, `step` by step: `done` of `total` customers are read, so many pairs `found`."""

    __tablename__ = "identity_matchings"

    id: Mapped[Id]
    status: Mapped[str] = mapped_column(Text, default="queued")
    step: Mapped[str] = mapped_column(Text, default="begin")
    done: Mapped[int] = mapped_column(BigInteger, default=0)
    total: Mapped[int] = mapped_column(BigInteger, default=0)
    found: Mapped[int] = mapped_column(BigInteger, default=0)
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
    finished_at: Mapped[datetime | None]
