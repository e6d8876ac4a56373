"""Whose a file is, as a caller: with what their agreement grants at the moment it is worked on."""

from __future__ import annotations

from sqlalchemy import func, select

from gateway.channels import Caller, Channel
from gateway.db import Transaction
from gateway.errors import Conflict
from gateway.partners import service as partners
from gateway.transfers.models import Transfer

MOST_KEPT = 50


class TooManyFiles(Conflict):
    """One owner keeps as many files as it may."""

    code, title = "too_many_files", f"{MOST_KEPT} files are kept; remove one or wait until one expires"


class PartnerSuspended(Conflict):
    """The partner was suspended meanwhile."""

    code, title = "partner_suspended", "The partner is suspended"


def door_of(caller: Caller) -> Channel:
    """The door a file belongs to; what the gateway itself does is the house's."""
    return Channel.INTRANET if caller.channel is Channel.SYSTEM else caller.channel


def require_room(tx: Transaction) -> None:
    """Refuse one more file of this owner's, for they fill the database; raises TooManyFiles."""
    kept = (
        select(func.count()).select_from(Transfer).where(Transfer.partner_id.is_not_distinct_from(tx.caller.partner_id))
    )
    if (tx.session.scalar(kept) or 0) >= MOST_KEPT:
        raise TooManyFiles


def caller_of(tx: Transaction, transfer: Transfer) -> Caller:
    """The owner as a caller; raises PartnerSuspended."""
    if transfer.partner_id is None:
        return Caller(Channel.INTRANET)
    partner = partners.get(tx, transfer.partner_id)
    if partner.status != "active":
        raise PartnerSuspended
    granted = frozenset(partner.granted_fields)
    return Caller(Channel.EXTRANET, partner_id=partner.id, partner=partner.code, granted_fields=granted)
