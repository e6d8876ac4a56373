"""Who it may be, the likeliest first, with what there is to know of each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway import audit
from gateway.customers import contact, keys
from gateway.customers.fields import ALL
from gateway.db import Query, Transaction, now
from gateway.desk.lookup.asking import add_unasked
from gateway.desk.lookup.parts import PARTS
from gateway.desk.lookup.steps import next_steps
from gateway.errors import refuse_parameter
from gateway.interactions.search import newest_of
from schemas.customer import Customer
from schemas.projection import columns_of, projection

Row = dict[str, Any]
MOST = 10
_MOST_READ, _LATEST = 200, 5
_NEVER = datetime.min.replace(tzinfo=UTC)
_COLUMNS = columns_of(Customer, ALL)
_project = projection(Customer, ALL)
# A number that hundreds share, such as one that was made up, must cost no more than one of a household.
_FIND = Query(
    text(
        f"""
        SELECT {", ".join(f"c.{name}" for name in _COLUMNS)} FROM customers c
        WHERE c.id = ANY(ARRAY(SELECT k.customer_id FROM customer_keys k WHERE k.key = :key LIMIT :most))
        ORDER BY c.updated_at DESC, c.id
        """  # noqa: S608  # our own names
    )
)


def look_up(tx: Transaction, by: str, said: str) -> tuple[list[Row], bool]:
    """Everybody known by this phone, e-mail, identifier or tax id, and whether there are more than are shown.

    Raises BadRequest for what cannot be one.
    """
    key, value = key_of(by, said)
    found = [_project(row) for row in tx.rows(_FIND, key=key, most=_MOST_READ)]
    latest = newest_of(tx, [customer["id"] for customer in found], most=_LATEST) if found else {}
    people: list[Row] = [{"customer": each, "interactions": latest[each["id"]]} for each in found]
    people.sort(key=lambda person: _nearness(person, value), reverse=True)
    shown = people[:MOST]
    _add_parts(tx, shown)
    add_unasked(tx, shown)
    moment = now()
    for person in shown:
        person["next_steps"] = next_steps(person, value, moment)
    return shown, len(people) > MOST


def note(tx: Transaction, by: str, people: list[Row]) -> None:
    """Write down who looked up whom."""
    for person in people:
        audit.record(tx, "customer.looked_up", "customer", person["customer"]["id"], {"by": by})


def key_of(by: str, said: str) -> tuple[str, str]:
    """The search key of what is known of a customer, and it in its stored form; raises BadRequest."""
    try:
        if by == "phone":
            value = contact.phone(said)
            return keys.phone_key(value), value
        if by == "email":
            value = contact.email(said)
            return keys.email_key(value), value
    except ValueError as wrong:
        raise refuse_parameter(by, "invalid", str(wrong)) from None
    if by == "tax_id":
        number = "".join(filter(str.isalnum, said)).upper()
        return keys.TAX_ID + number, number
    system, _, value = said.partition(":")
    return keys.identifier_key(system, value), value


def _add_parts(tx: Transaction, people: list[Row]) -> None:
    ids = [person["customer"]["id"] for person in people]
    for name, read in PARTS.items():
        known = read(tx, ids) if ids else {}
        for person in people:
            person[name] = known.get(person["customer"]["id"], [])


def _nearness(person: Row, value: str) -> tuple[bool, bool, bool, datetime, UUID]:
    """Of a household, who is the likeliest: an active customer whose first number it is, and who was here last."""
    customer, latest = person["customer"], person["interactions"]
    point: Row = next((each for each in customer["contact_points"] if each["value"] == value), {})
    spoken_at = latest[0]["occurred_at"] if latest else _NEVER
    return (
        customer["status"] != "inactive", bool(point.get("primary")), bool(point.get("verified_at")), spoken_at,
        customer["id"],
    )  # fmt: skip
