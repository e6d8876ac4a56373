"""What the house says of an attribute of its customers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, CreatedAt


class AttributeKey(Base):
    """A value of a searchable attribute that a customer holds, as text."""

    __tablename__ = "attribute_keys"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(primary_key=True)  # no foreign key: a trigger is far cheaper


class AttributeDefinition(Base):
    """An attribute by its name; `minimum` and `maximum` bound a number, a text's letters or a list's items.

    Of one that is searchable, customers up to `keyed_to` have keys already, and all of them since `keyed_at`.
    """

    __tablename__ = "attribute_definitions"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    title_en: Mapped[str] = mapped_column(Text)
    title_tr: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(Text)
    choices: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    minimum: Mapped[float | None]
    maximum: Mapped[float | None]
    is_required: Mapped[bool] = mapped_column(default=False)
    pattern: Mapped[str | None] = mapped_column(Text)
    visible_on: Mapped[list[str]] = mapped_column(ARRAY(Text), default=lambda: ["extranet", "internet"])
    writable_on: Mapped[list[str]] = mapped_column(ARRAY(Text), default=lambda: ["extranet"])
    is_by_agreement: Mapped[bool] = mapped_column(default=False)
    is_searchable: Mapped[bool] = mapped_column(default=False)
    is_statistical: Mapped[bool] = mapped_column(default=False)
    keyed_to: Mapped[UUID | None]
    keyed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
