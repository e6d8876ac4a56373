"""Customers whose data may only be kept for the time being (GDPR art. 18): no partner is shown them meanwhile.

Their shares stay and are withheld: row security shows a partner nothing by these, and nothing is sent by them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction
from gateway.errors import Conflict

# What partners are told of whom they are not shown.
TOLD = ("restriction.began", "restriction.lifting_announced")
_FOLLOW = Query(
    text(
        """
        UPDATE shares SET is_withheld = NOT is_withheld
        WHERE customer_id = ANY(:ids) AND is_withheld <> is_restricted(customer_id)
        """
    )
)
_IN_FORCE = Query(text("SELECT is_restricted(:id)"))
_EXPORTED = Query(text("SELECT exported_restricted(:since)"))
_SKEW = timedelta(minutes=1)  # between our clock and the database's, by which reads are noted


class ProcessingRestricted(Conflict):
    """The customer had the processing of their data restricted, and it has not been lifted."""

    code, title = "processing_restricted", "The customer's data may only be kept for the time being"


def is_in_force(tx: Transaction, customer_id: UUID) -> bool:
    """Whether a customer is restricted, whoever asks."""
    row = tx.first(_IN_FORCE, id=customer_id)
    return bool(row and row[0])


def refuse(tx: Transaction, customer_id: UUID) -> None:
    """Raise ProcessingRestricted for a customer that is about to be used otherwise than by being kept."""
    if is_in_force(tx, customer_id):
        raise ProcessingRestricted


def follow(tx: Transaction, customer_ids: Iterable[UUID]) -> None:
    """Have the shares of customers, new ones too, be withheld or not by what is in force for these now."""
    tx.run(_FOLLOW, ids=list(customer_ids))


def was_exported(tx: Transaction, since: datetime) -> bool:
    """Whether a partner's exports, from the hour of a moment on, told of somebody who is restricted now."""
    row = tx.first(_EXPORTED, since=since - _SKEW)
    return bool(row and row[0])
