"""A merge, with what it takes to undo it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, JSON, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, CreatedAt, Id


class Merge(Base):
    """One customer became part of another.

    `lost` is the row that is gone, `kept` and `merged` the survivor before and after, whole and with their sources;
    `fields` is what a steward chose. `partners` could see the lost one, `partners_of_lost` only that. `moved` counts
    what moved, `stayed` tells what could not be told apart when it was undone.
    """

    __tablename__ = "merges"

    id: Mapped[Id]
    keep_id: Mapped[UUID]
    lose_id: Mapped[UUID]
    pair_id: Mapped[UUID | None]
    fields: Mapped[dict[str, Any]]
    lost: Mapped[dict[str, Any]] = mapped_column(JSON)
    kept: Mapped[dict[str, Any]] = mapped_column(JSON)
    merged: Mapped[dict[str, Any]] = mapped_column(JSON)
    partners: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    partners_of_lost: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    moved: Mapped[dict[str, Any]]
    merged_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
    undone_by: Mapped[str | None] = mapped_column(Text)
    undone_at: Mapped[datetime | None]
    stayed: Mapped[list[Any]] = mapped_column(default=list)


class MergeMove(Base):
    """What one move (`gateway.customers.moves`) needs to know to give back what it took."""

    __tablename__ = "merge_moves"

    merge_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    kept: Mapped[Any] = mapped_column(JSON)
