"""Types of events of the house's own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, CreatedAt, now


class RegisteredType(Base):
    """A type the house publishes by itself; `schema` (JSON Schema 2020-12) describes its data.

    The channels always hold the intranet; with the extranet, partners hear of the customers shared with them.
    """

    __tablename__ = "event_types"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    description: Mapped[str] = mapped_column(Text)
    schema: Mapped[dict[str, Any]]
    example: Mapped[dict[str, Any]]
    channels: Mapped[list[str]] = mapped_column(ARRAY(Text))
    is_archived: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(default=now)
