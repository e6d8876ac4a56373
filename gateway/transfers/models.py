"""A file that comes in or goes out, and the pieces it is kept in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, CreatedAt, Id


class Transfer(Base):
    """A file of a partner's (extranet) or of the house's; `direction` is `in` or `out`.

    `about` holds what is known of it (coming in: encoding, delimiter, columns; going out: fields, filters), `rows` its
    rows, `pieces` the pieces they are kept in, `size` the bytes of a file that went out. `owner_key` is whose it is
    where it must not be anybody else's, `operation_id` the work on it that was started last.
    """

    __tablename__ = "transfers"

    id: Mapped[Id]
    direction: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partners.id"))
    owner_key: Mapped[str] = mapped_column(Text)
    format: Mapped[str] = mapped_column(Text)
    about: Mapped[dict[str, Any]] = mapped_column(default=dict)
    rows: Mapped[int] = mapped_column(BigInteger, default=0)
    pieces: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    operation_id: Mapped[UUID | None]
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
