"""Whom a claim is about: what the partner says of a person, and by which keys the house may know them.

A partner's own transaction sees no key of a customer that is not shared with it, so nothing it is answered can depend
on whether the person is known. Keys are an e-mail, a phone, a tax id; names are many people's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.customers import shape
from gateway.customers.bulk import BLANK
from gateway.customers.keys import EMAIL, PHONE, TAX_ID
from gateway.db import Query, Transaction
from gateway.errors import Invalid, refuse_field

_TELLING = (EMAIL, PHONE, TAX_ID)
_KEYS_OF = Query(
    text("SELECT key FROM customer_keys WHERE customer_id = :id AND left(key, 1) = ANY(:kinds) ORDER BY key")
)
_KNOWN = Query(text("SELECT DISTINCT customer_id FROM customer_keys WHERE key = ANY(:keys) ORDER BY 1 LIMIT :most"))
# In one order, so that two who want the same wait for each other instead of deadlocking.
_HOLD = Query(
    text(
        """
        SELECT pg_advisory_xact_lock(number) FROM (
            SELECT DISTINCT hashtextextended('claim ' || k, 0) AS number FROM unnest(CAST(:keys AS text[])) AS k
            ORDER BY number) AS locks
        """
    )
)
_MOST = 20


def read(said: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What was said of a person in its stored form, and the keys in it; raises Invalid with pointers."""
    try:
        row = shape.complete({**BLANK, **shape.normalise(said)})
    except Invalid as wrong:
        raise Invalid(errors=[each | {"pointer": f"/person{each['pointer']}"} for each in wrong.errors]) from None
    keys = sorted(key for key in shape.keys_of(row) if key.startswith(_TELLING))
    if not keys:
        raise refuse_field("/person/contact_points", "required", "Give an e-mail, a phone or a tax id.")
    points = [{"kind": each["kind"], "value": each["value"]} for each in row["contact_points"]]
    return {name: row[name] for name in said} | {"contact_points": points}, keys


def keys_of(tx: Transaction, customer_id: UUID) -> list[str]:
    """The keys of a customer that the caller may see."""
    return [row[0] for row in tx.rows(_KEYS_OF, id=customer_id, kinds=list(_TELLING))]


def known_by(tx: Transaction, keys: Sequence[str]) -> list[UUID]:
    """The customers known by any of the keys, 20 at most; for the house alone."""
    return [row[0] for row in tx.rows(_KNOWN, keys=list(keys), most=_MOST)]


def hold(tx: Transaction, keys: Sequence[str]) -> None:
    """Wait for everybody who is deciding about a person of these keys, and have others wait until this ends."""
    tx.rows(_HOLD, keys=list(keys))
