"""Shares as rows: given, changed, ended, and what became of them. What a share leaves open its agreement says."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction, now
from gateway.partners.terms import USUAL

Row = dict[str, Any]
CREATED = "created"
TERMS = ("ground", "role", "reference", "purposes", "until")
_ADD = Query(
    text(
        """
        INSERT INTO shares (partner_id, customer_id, shared_at, ground, role, reference, purposes, until, status,
                            city_key, sort_key, updated_at, created_at)
        VALUES (:partner_id, :id, :shared_at, :ground, :role, :reference, CAST(:purposes AS text[]), :until, :status,
                :city_key, :sort_key, :updated_at, :created_at)
        ON CONFLICT DO NOTHING
        """
    )
)
_KEPT = "customer_id, partner_id, ground, role, reference, purposes, shared_at, until"
_END = Query(
    text(
        f"""
        WITH gone AS (DELETE FROM shares WHERE customer_id = :id AND partner_id = :partner_id RETURNING *)
        INSERT INTO past_shares ({_KEPT}, ended_at, why) SELECT {_KEPT}, :at, :why FROM gone
        """  # noqa: S608  # our own names
    )
)
_CHANGE = Query(
    text(
        f"""
        WITH before AS (
            INSERT INTO past_shares ({_KEPT}, ended_at, why)
            SELECT {_KEPT}, :at, 'changed' FROM shares WHERE customer_id = :id AND partner_id = :partner_id)
        UPDATE shares SET {", ".join(f"{name} = :{name}" for name in TERMS if name != "purposes")},
            purposes = CAST(:purposes AS text[]), version = version + 1
        WHERE customer_id = :id AND partner_id = :partner_id
        """  # noqa: S608
    )
)
_SHOWN = (
    "p.code, p.kind, coalesce(s.role, p.share_role), s.ground, s.reference, coalesce(s.purposes, p.purposes), "
    "s.shared_at, s.until"
)
_LISTED = f"{_SHOWN}, s.version"
_OF = Query(
    text(
        f"SELECT s.customer_id, {_LISTED} FROM shares s JOIN partners p ON p.id = s.partner_id "  # noqa: S608
        "WHERE s.customer_id = ANY(:ids) ORDER BY p.code"
    )
)
_PAST = Query(
    text(
        f"SELECT s.ended_at, s.why, {_SHOWN} FROM past_shares s JOIN partners p ON p.id = s.partner_id "  # noqa: S608
        "WHERE s.customer_id = :id ORDER BY s.ended_at DESC, s.id DESC LIMIT 200"
    )
)
_TERMS_OF = Query(
    text(f"SELECT version, {', '.join(TERMS)} FROM shares WHERE customer_id = :id AND partner_id = :partner_id")  # noqa: S608
)
_PURPOSES = Query(
    text(
        """
        SELECT coalesce(s.purposes, p.purposes) FROM shares s JOIN partners p ON p.id = s.partner_id
        WHERE s.customer_id = :id AND s.partner_id = :partner_id
        """
    )
)
# What stands on an agreement ends with it.
_DUE = Query(
    text(
        """
        SELECT s.customer_id, p.code FROM shares s JOIN partners p ON p.id = s.partner_id WHERE s.until <= :moment
        UNION
        SELECT s.customer_id, p.code FROM partners p JOIN shares s ON s.partner_id = p.id AND s.ground = 'agreement'
        WHERE p.valid_until <= :moment
        ORDER BY 1, 2 LIMIT :limit
        """
    )
)


def add(tx: Transaction, row: Row, partner_id: UUID, terms: Row) -> bool:
    """Let a partner see a customer, given as its stored row; answers whether it did not before."""
    copied = {name: row[name] for name in ("id", "status", "city_key", "sort_key", "created_at")}
    moment, wanted = now(), dict.fromkeys(TERMS) | terms
    # To its partner a customer newly shared has changed just now: else whoever asks for changes would never see it.
    changed_at = row["updated_at"] if wanted["ground"] == CREATED else moment
    return bool(tx.run(_ADD, partner_id=partner_id, shared_at=moment, updated_at=changed_at, **copied, **wanted))


def end(tx: Transaction, customer_id: UUID, partner_id: UUID, why: str = "ended") -> bool:
    """End a share and remember it; answers whether there was one."""
    return bool(tx.run(_END, id=customer_id, partner_id=partner_id, at=now(), why=why))


def change(tx: Transaction, customer_id: UUID, partner_id: UUID, terms: Row) -> None:
    """Write the terms of a share anew, all of them, and remember those before."""
    tx.run(_CHANGE, id=customer_id, partner_id=partner_id, at=now(), **terms)


def terms_with(tx: Transaction, customer_id: UUID, partner_id: UUID) -> Row | None:
    """The terms of a share as they are kept, with its version; None where there is none."""
    row = tx.first(_TERMS_OF, id=customer_id, partner_id=partner_id)
    return None if row is None else dict(zip(("version", *TERMS), row, strict=True))


def purposes_with(tx: Transaction, customer_id: UUID, partner_id: UUID) -> list[str] | None:
    """What a partner has a customer for: nothing named is everything; None where it does not see the customer."""
    row = tx.first(_PURPOSES, id=customer_id, partner_id=partner_id)
    return None if row is None else list(row[0])


def of(tx: Transaction, customer_ids: list[UUID]) -> dict[UUID, list[Row]]:
    """Who sees each of the customers, by code, as far as the caller may know."""
    found: dict[UUID, list[Row]] = {customer_id: [] for customer_id in customer_ids}
    for customer_id, *terms, version in tx.rows(_OF, ids=customer_ids):
        found[customer_id].append(_shown(*terms) | {"version": version})
    return found


def past(tx: Transaction, customer_id: UUID) -> list[Row]:
    """The latest 200 shares of a customer that ended or were changed, the last first."""
    rows = tx.rows(_PAST, id=customer_id)
    return [_shown(*terms) | {"ended_at": ended_at, "why": why} for ended_at, why, *terms in rows]


def due(tx: Transaction, moment: datetime, limit: int) -> list[tuple[UUID, str]]:
    """Customers and codes of partners whose share has come to its end."""
    return [(customer_id, code) for customer_id, code in tx.rows(_DUE, moment=moment, limit=limit)]


def _shown(code: str, kind: str, role: str | None, *terms: Any) -> Row:
    shown = dict(zip(("ground", "reference", "purposes", "shared_at", "until"), terms, strict=True))
    return {"partner": code, "role": role or USUAL[kind].share_role, **shown}
