"""What a customer could be asked for, and has said nothing about yet."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.consent.purposes import service as purposes
from gateway.db import Query, Transaction
from schemas.desk import UnaskedPurpose

Row = dict[str, Any]
_SHOWN = tuple(UnaskedPurpose._declared_fields)
RESTRICTED = Query(text("SELECT customer_id FROM contact_preferences WHERE customer_id = ANY(:ids) AND is_restricted"))


def add_unasked(tx: Transaction, people: list[Row]) -> None:
    """Give each person the purposes that need consent and of which nothing was said; none without consents:write.

    Nobody is asked whose record is restricted.
    """
    needed = _needed(tx) if people and "consents:write" in tx.caller.scopes else []
    ids = [person["customer"]["id"] for person in people]
    restricted: set[UUID] = {row[0] for row in tx.rows(RESTRICTED, ids=ids)} if needed else set()
    for person in people:
        is_left_alone = person["customer"]["id"] in restricted
        person["unasked"] = [] if is_left_alone else unasked(person["consents"], needed)


def unasked(consents: list[Row], needed: list[Row]) -> list[Row]:
    """Of these purposes, those that no word in force speaks of."""
    said = {word["purpose"] for word in consents}
    return [] if None in said else [each for each in needed if each["purpose"] not in said]


def _needed(tx: Transaction) -> list[Row]:
    return [dict(zip(_SHOWN, each, strict=True)) for each in purposes.wanting_consent(tx)]
