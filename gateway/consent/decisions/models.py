"""A reserved contact."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, Id, now


class Reservation(Base):
    """A place among the contacts a customer gets: somebody means to make one at `contact_at`, or has (`confirmed`).

    `status` is reserved, confirmed or released; one that is still reserved at `expires_at` counts no more.
    `partner_id` None is the house.
    """

    __tablename__ = "contact_reservations"

    id: Mapped[Id]
    customer_id: Mapped[UUID]
    purpose: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    contact_point: Mapped[UUID | None]
    partner_id: Mapped[UUID | None]
    contact_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(Text, default="reserved")
    expires_at: Mapped[datetime]
    reserved_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
