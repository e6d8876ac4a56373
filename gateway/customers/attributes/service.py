"""What can be done with declarations of attributes. Nothing here commits."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, text

from gateway import audit
from gateway.customers.attributes import keys, known
from gateway.customers.attributes.models import AttributeDefinition
from gateway.customers.attributes.patterns import BadPattern, compiled
from gateway.db import Query, Transaction
from gateway.errors import Conflict, PreconditionFailed, refuse_field

MOST = 200
_OF_TEXTS = ("enum", "string", "list")
_VISIBILITY = {"visible_on": ["extranet", "internet"], "writable_on": ["extranet"]}
_CHECKED = ("type", "choices", "minimum", "maximum", "pattern", "is_searchable", *_VISIBILITY)
_KEY_ANEW = Query(
    text("UPDATE attribute_definitions SET keyed_from = NULL, keyed_to = NULL, keyed_at = NULL WHERE name = :name")
)
_MARK = Query(
    text(
        "SELECT coalesce(md5(string_agg(concat_ws(' ', name, version, created_at, keyed_at), ',' ORDER BY name)), '') "
        "FROM attribute_definitions"
    )
)


class AttributeNameTaken(Conflict):
    """There is an attribute of this name."""

    code, title = "attribute_name_taken", "Another attribute has this name"


class AttributeHidden(Conflict):
    """What it hides would be seen without it."""

    code, title = "attribute_hidden", "Undeclared, it would be seen everywhere; first make it visible on every channel"


class TooManyAttributes(Conflict):
    """A record holds no more attributes than that."""

    code, title = "too_many_attributes", f"{MOST} attributes are declared; remove one first"


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
    return tx.get(AttributeDefinition, name)


def add(tx: Transaction, said: dict[str, Any]) -> AttributeDefinition:
    """Declare an attribute; records that hold something else under its name keep that until it is written anew.

    Raises Invalid, AttributeNameTaken, TooManyAttributes.
    """
    present = known.read(tx).definitions
    if said["name"] in present:
        raise AttributeNameTaken(f"There is an attribute {said['name']}.")
    if len(present) >= MOST:
        raise TooManyAttributes
    _check(_VISIBILITY | said)
    made = AttributeDefinition(**_VISIBILITY | said, created_by=tx.caller.actor)
    tx.session.add(made)
    tx.session.flush()
    tx.after_commit(known.expire)
    audit.record(tx, "attribute.declared", "attribute", made.name)
    return made


def change(tx: Transaction, name: str, patch: dict[str, Any], expected_version: int) -> AttributeDefinition:
    """Change what is declared, but for name and type; raises NotFound, PreconditionFailed, Invalid."""
    found = tx.get(AttributeDefinition, name, lock=True)
    if found.version != expected_version:
        raise PreconditionFailed
    _check({field: getattr(found, field) for field in _CHECKED} | patch)
    if patch.get("is_searchable", found.is_searchable) != found.is_searchable:
        tx.run(_KEY_ANEW, name=name)
        keys.drop(tx, name)
        tx.session.refresh(found)
    for field, value in patch.items():
        setattr(found, field, value)
    found.version += 1
    tx.session.flush()
    tx.after_commit(known.expire)
    audit.record(tx, "attribute.changed", "attribute", name, {"fields": sorted(patch)})
    return found


def remove(tx: Transaction, name: str) -> None:
    """Take a declaration back; what customers hold under its name stays. Raises NotFound, AttributeHidden."""
    found = get(tx, name)
    if found.is_by_agreement or set(found.visible_on) != set(_VISIBILITY["visible_on"]):
        raise AttributeHidden
    tx.session.delete(found)
    tx.after_commit(known.expire)
    audit.record(tx, "attribute.removed", "attribute", name)


def _check(said: dict[str, Any]) -> None:
    kind, choices, least, most = (said.get(name) for name in ("type", "choices", "minimum", "maximum"))
    if kind == "enum" and not choices:
        raise refuse_field("/choices", "required", "Say what it may be.")
    if choices and kind not in _OF_TEXTS:
        raise refuse_field("/choices", "invalid", "Only texts and lists of them are chosen.")
    if least is not None and most is not None and least > most:
        raise refuse_field("/maximum", "invalid", "Not below the minimum.")
    if (pattern := said.get("pattern")) is not None:
        _check_pattern(pattern, kind)
    if not set(said["writable_on"]) <= set(said["visible_on"]):
        raise refuse_field("/writable_on", "invalid", "It is not written where it is not visible.")


def _check_pattern(pattern: str, kind: Any) -> None:
    if kind not in ("string", "list"):
        raise refuse_field("/pattern", "invalid", "Only texts and lists of them follow a pattern.")
    try:
        compiled(pattern)
    except BadPattern as wrong:
        raise refuse_field("/pattern", "invalid", str(wrong)) from None
