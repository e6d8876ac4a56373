"""What can be done with declarations of attributes. Nothing here commits."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, text

from gateway import audit
from gateway.customers.attributes.models import AttributeDefinition
from gateway.customers.attributes.values import Definition, Definitions
from gateway.db import Query, Transaction
from gateway.errors import Conflict, NotFound, PreconditionFailed, refuse_field

MOST = 200
_DEFINED = Query(text("SELECT name, type, choices, minimum, maximum, is_required FROM attribute_definitions"))
_MARK = Query(
    text(
        "SELECT coalesce(md5(string_agg(concat_ws(' ', name, version, created_at), ',' ORDER BY name)), '') "
        "FROM attribute_definitions"
    )
)


class AttributeNameTaken(Conflict):
    """There is an attribute of this name."""

    code, title = "attribute_name_taken", "Another attribute has this name"


class TooManyAttributes(Conflict):
    """A record holds no more attributes than that."""

    code, title = "too_many_attributes", f"{MOST} attributes are declared; remove one first"


def defined(tx: Transaction) -> Definitions:
    """Every declaration as it is now; read at each write, so that every process knows it at once."""
    return {row[0]: Definition(*row) for row in tx.rows(_DEFINED)}


def mark(tx: Transaction) -> str:
    """A mark of the declarations: another one as soon as any of them is another."""
    row = tx.first(_MARK)
    return str(row[0]) if row else ""


def find(tx: Transaction, after: str, limit: int) -> list[AttributeDefinition]:
    """The next declarations by name."""
    table = AttributeDefinition
    return tx.scalars(select(table).where(table.name > after).order_by(table.name).limit(limit))


def get(tx: Transaction, name: str) -> AttributeDefinition:
    """One declaration; raises NotFound."""
    found = tx.session.get(AttributeDefinition, name)
    if found is None:
        raise NotFound
    return found


def add(tx: Transaction, said: dict[str, Any]) -> AttributeDefinition:
    """Declare an attribute; records that hold something else under its name keep that until it is written anew.

    Raises Invalid, AttributeNameTaken, TooManyAttributes.
    """
    known = defined(tx)
    if said["name"] in known:
        raise AttributeNameTaken(f"There is an attribute {said['name']}.")
    if len(known) >= MOST:
        raise TooManyAttributes
    _check(said)
    made = AttributeDefinition(**said, created_by=tx.caller.actor)
    tx.session.add(made)
    tx.session.flush()
    audit.record(tx, "attribute.declared", "attribute", made.name)
    return made


def change(tx: Transaction, name: str, patch: dict[str, Any], expected_version: int) -> AttributeDefinition:
    """Change what is declared, but for name and type; raises NotFound, PreconditionFailed, Invalid."""
    found = get(tx, name)
    tx.session.refresh(found, with_for_update=True)
    if found.version != expected_version:
        raise PreconditionFailed
    said = {field: getattr(found, field) for field in ("type", "choices", "minimum", "maximum")}
    _check(said | patch)
    for field, value in patch.items():
        setattr(found, field, value)
    found.version += 1
    tx.session.flush()
    audit.record(tx, "attribute.changed", "attribute", name, {"fields": sorted(patch)})
    return found


def remove(tx: Transaction, name: str) -> None:
    """Take a declaration back; what customers hold under its name stays. Raises NotFound."""
    tx.session.delete(get(tx, name))
    audit.record(tx, "attribute.removed", "attribute", name)


def _check(said: dict[str, Any]) -> None:
    choices, least, most = (said.get(name) for name in ("choices", "minimum", "maximum"))
    if said["type"] == "enum" and not choices:
        raise refuse_field("/choices", "required", "Say what it may be.")
    if choices and said["type"] not in ("enum", "string", "list"):
        raise refuse_field("/choices", "invalid", "Only texts and lists of them are chosen.")
    if least is not None and most is not None and least > most:
        raise refuse_field("/maximum", "invalid", "Not below the minimum.")
