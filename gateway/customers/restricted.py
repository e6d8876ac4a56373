"""Customers whose data may only be kept for the time being (GDPR art. 18): what may not be done to them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from gateway.channels import Channel
from gateway.db import Query, Transaction
from gateway.errors import Conflict

_IN_FORCE = Query(text("SELECT is_restricted(:id)"))


class ProcessingRestricted(Conflict):
    """The customer had the processing of their data restricted, and it has not been lifted."""

    code, title = "processing_restricted", "The customer's data may only be kept for the time being"


def is_in_force(tx: Transaction, customer_id: UUID) -> bool:
    """Whether a customer is restricted, whoever asks."""
    row = tx.first(_IN_FORCE, id=customer_id)
    return bool(row and row[0])


def refuse_partners(tx: Transaction, customer_id: UUID) -> None:
    """Raise ProcessingRestricted where a partner is about to change a restricted customer."""
    if tx.caller.channel is Channel.EXTRANET and is_in_force(tx, customer_id):
        raise ProcessingRestricted
