"""A customer, the keys it is found by, and its shares."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, JSON, Computed, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, Id


class Customer(Base):
    """One person or organisation.

    `contact_points`, `identifiers` and `attributes` are kept in their wire form and as text, for they are written and
    read whole; `sort_key` is the name in Turkish order, `city_key` the folded city of the primary address, `origin` the
    sync link that wrote last (echo suppression), `sources` where each field came from (`gateway.provenance`).
    """

    __tablename__ = "customers"

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(Text)
    display_name: Mapped[str] = mapped_column(Text)
    given_name: Mapped[str | None] = mapped_column(Text)
    family_name: Mapped[str | None] = mapped_column(Text)
    organisation_name: Mapped[str | None] = mapped_column(Text)
    birth_date: Mapped[date | None]
    tax_id: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    locale: Mapped[str | None] = mapped_column(Text)
    contact_points: Mapped[list[Any]] = mapped_column(JSON)
    identifiers: Mapped[list[Any]] = mapped_column(JSON)
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON)
    owner: Mapped[str | None] = mapped_column(Text)
    internal_note: Mapped[str | None] = mapped_column(Text)
    sort_key: Mapped[str] = mapped_column(Text)
    city_key: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(Text, default="")
    sources: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Share(Base):
    """A partner may see a customer, since when, in which role and on what ground, which `reference` names.

    What is None is as the agreement says; the rest repeats the customer's sort columns. It is withheld, and shows
    nothing, while the processing of the customer's data is restricted.
    """

    __tablename__ = "shares"

    customer_id: Mapped[UUID] = mapped_column(primary_key=True)  # no foreign keys: triggers are far cheaper
    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    shared_at: Mapped[datetime]
    ground: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    city_key: Mapped[str] = mapped_column(Text)
    sort_key: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime]
    created_at: Mapped[datetime]
    role: Mapped[str | None] = mapped_column(Text)
    until: Mapped[datetime | None]
    reference: Mapped[str | None] = mapped_column(Text)
    purposes: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    version: Mapped[int] = mapped_column(server_default="1")
    is_withheld: Mapped[bool] = mapped_column(server_default="false")


class CustomerKey(Base):
    """One key a customer is found by: its name turned to one of its words, an e-mail, a phone, a tax id, an identifier.

    Its first letter says of which kind it is (`gateway.customers.keys`); `dialled` is a phone forwards.
    """

    __tablename__ = "customer_keys"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(primary_key=True)  # no foreign key: a trigger is far cheaper
    dialled: Mapped[str | None] = mapped_column(
        Text, Computed("CASE WHEN key >= 'p' AND key < 'q' THEN reverse(substr(key, 2)) END", persisted=True)
    )
