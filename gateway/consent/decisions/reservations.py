"""Taking a place among a customer's contacts, and saying what became of it. Who counts them holds the customer.

A caller has one open place for each customer, purpose and channel, so that nobody hoards what all share.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, text

from gateway import audit
from gateway.consent import turns
from gateway.consent.decisions.models import Reservation
from gateway.consent.rules.caps import Contact
from gateway.db import Query, Transaction
from gateway.errors import Conflict

_TAKEN = Query(text("SELECT purpose, channel, contact_at FROM contacts_taken(:id, :since, :until)"))
_FORGET = Query(
    text(
        """
        DELETE FROM contact_reservations
        WHERE contact_at < now() - CAST(:confirmed AS interval)
           OR (status <> 'confirmed' AND contact_at < now() - CAST(:others AS interval))
        """
    )
)
_LONGEST_WINDOW = timedelta(days=366)
_KEEP_OTHERS = timedelta(days=30)


class ReservationOver(Conflict):
    """It has expired, was given back, or the contact was made."""

    code, title = "reservation_over", "This reservation has expired or was given back"


class ContactMade(Conflict):
    """What has happened cannot be given back."""

    code, title = "contact_made", "This contact was confirmed as made"


def taken(tx: Transaction, customer_id: UUID, around: datetime, own: Reservation | None) -> list[Contact]:
    """Everybody's contacts around a moment, but for the caller's `own` open one."""
    contacts: list[Contact] = [
        (purpose, channel, at)
        for purpose, channel, at in tx.rows(
            _TAKEN, id=customer_id, since=around - _LONGEST_WINDOW, until=around + _LONGEST_WINDOW
        )
    ]
    if own is not None and (mine := (own.purpose, own.channel, own.contact_at)) in contacts:
        contacts.remove(mine)
    return contacts


def open_of_caller(tx: Transaction, wanted: Reservation) -> Reservation | None:
    """The caller's open reservation for the same customer, purpose, channel and partner."""
    found: Reservation | None = tx.session.scalar(
        select(Reservation)
        .where(
            Reservation.customer_id == wanted.customer_id,
            Reservation.purpose == wanted.purpose,
            Reservation.channel == wanted.channel,
            Reservation.partner_id.is_not_distinct_from(wanted.partner_id),
            Reservation.reserved_by == wanted.reserved_by,
            _is_open(),
        )
        .order_by(Reservation.id)
        .limit(1)
    )
    return found


def take(tx: Transaction, wanted: Reservation, instead_of: Reservation | None) -> Reservation:
    """Store a reservation whose place was counted, instead of the caller's open one."""
    if instead_of is not None:
        instead_of.status = "released"
    tx.session.add(wanted)
    tx.session.flush()
    _note(tx, "contact.reserved", wanted)
    return wanted


def get(tx: Transaction, reservation_id: UUID) -> Reservation:
    """One reservation of the caller's; raises NotFound."""
    return tx.get(Reservation, reservation_id)


def confirm(tx: Transaction, reservation_id: UUID) -> Reservation:
    """Say that the contact was made, a second time too; raises NotFound, ReservationOver."""
    reservation = _held(tx, reservation_id)
    if reservation.status == "confirmed":
        return reservation
    if reservation.status != "reserved" or not _counts(tx, reservation):
        raise ReservationOver
    return _settle(tx, reservation, "confirmed")


def release(tx: Transaction, reservation_id: UUID) -> Reservation:
    """Give the place back, a second time too; raises NotFound, ContactMade."""
    reservation = _held(tx, reservation_id)
    if reservation.status == "confirmed":
        raise ContactMade
    return reservation if reservation.status == "released" else _settle(tx, reservation, "released")


def forget(tx: Transaction) -> None:
    """Remove what no cap can count any more."""
    tx.run(_FORGET, confirmed=_LONGEST_WINDOW + _KEEP_OTHERS, others=_KEEP_OTHERS)


def _held(tx: Transaction, reservation_id: UUID) -> Reservation:
    reservation = get(tx, reservation_id)
    turns.take(tx, reservation.customer_id)
    tx.session.refresh(reservation, with_for_update=True)
    return reservation


def _is_open() -> ColumnElement[bool]:
    # The database's clock, as where everybody's are counted.
    return and_(Reservation.status == "reserved", Reservation.expires_at > func.clock_timestamp())


def _counts(tx: Transaction, reservation: Reservation) -> bool:
    return tx.session.scalar(select(Reservation.id).where(Reservation.id == reservation.id, _is_open())) is not None


def _settle(tx: Transaction, reservation: Reservation, status: str) -> Reservation:
    reservation.status = status
    tx.session.flush()
    _note(tx, f"contact.{status}", reservation)
    return reservation


def _note(tx: Transaction, action: str, reservation: Reservation) -> None:
    audit.record(tx, action, "customer", reservation.customer_id, {"reservation": str(reservation.id)})
