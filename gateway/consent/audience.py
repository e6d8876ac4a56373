"""Whose contact it is: a statement is said to everybody, to the house alone, or to one partner."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from gateway.channels import Caller, Channel
from gateway.db import Query, Transaction
from gateway.errors import refuse_field
from gateway.partners import service as partners

ALL, HOUSE, PARTNER = "all", "house", "partner"
_SHARING = Query(text("SELECT partner_sharing(:customer_id, :code)"))


class Audience(NamedTuple):
    """Whom something is said to, or who asks; `partner_id` and `partner` where it is one partner."""

    kind: str
    partner_id: UUID | None = None
    partner: str | None = None


def of_caller(caller: Caller) -> Audience:
    """The caller as one who contacts customers."""
    if caller.channel is Channel.EXTRANET:
        return Audience(PARTNER, caller.partner_id, caller.partner)
    return Audience(HOUSE)


def named(tx: Transaction, customer_id: UUID, kind: str, code: str | None) -> Audience:
    """The audience that a body names; raises Invalid for a partner that there is not, or that a customer cannot know.

    To a partner there is no other: it speaks of itself.
    """
    if kind != PARTNER:
        if code is not None:
            raise refuse_field("/partner", "not_wanted", "This names a partner for the audience `partner` alone.")
        return Audience(kind)
    if tx.caller.channel is Channel.EXTRANET:
        return of_caller(tx.caller)
    partner_id = _partner_id(tx, customer_id, code) if code else None
    if partner_id is None:
        raise refuse_field("/partner", "unknown", "There is no such partner.")
    return Audience(PARTNER, partner_id, code)


def _partner_id(tx: Transaction, customer_id: UUID, code: str) -> UUID | None:
    if tx.caller.channel is Channel.INTERNET:
        row = tx.first(_SHARING, customer_id=customer_id, code=code)
        return row[0] if row else None
    partner = partners.find(tx, code)
    return partner.id if partner else None
