"""What can be done with interactions: record and correct. Nothing here commits."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import bindparam, select, text

from gateway import audit, outbox
from gateway.channels import Caller, Channel
from gateway.customers.redirects import missing
from gateway.customers.search import identity_of
from gateway.customers.service import merge_attributes
from gateway.customers.sources import trace
from gateway.db import Query, Transaction, new_id, now
from gateway.errors import Forbidden, NotFound, PreconditionFailed
from gateway.interactions.fields import without_cost
from gateway.interactions.models import Interaction
from gateway.interactions.search import visible_to
from gateway.provenance import born, source_of
from gateway.turkish import words
from schemas import interaction as shapes
from schemas.projection import columns_of, projection

ALL = tuple(shapes.Interaction._declared_fields)
_COLUMNS = tuple(column.name for column in Interaction.__table__.columns)
_EMPTY: dict[str, Any] = {
    "subject": None, "body": None, "outcome": None, "agent": None, "satisfaction": None, "amount": None, "cost": None,
    "products": [], "attributes": {},
}  # fmt: skip
_DEFAULT_VISIBILITY = {Channel.INTRANET: "internal", Channel.SYSTEM: "internal"}
_NUMBERS = ("quantity", "unit_price", "unit_cost")
_PROJECT, _SHOWN = projection(shapes.Interaction, ALL), columns_of(shapes.Interaction, ALL)


def _insert(channel: Channel) -> Query:
    # One statement asks whether the caller may see the customer, writes, and answers who else can see it.
    columns, values = ", ".join(_COLUMNS), ", ".join(f":{name}" for name in _COLUMNS)
    source = {
        Channel.EXTRANET: "customers c JOIN shares s ON s.customer_id = c.id AND s.partner_id = :partner_id",
    }.get(channel, "customers c")
    own = " AND c.id = :customer" if channel is Channel.INTERNET else ""
    return Query(
        text(
            f"INSERT INTO interactions ({columns}) SELECT {values} FROM {source} WHERE c.id = :customer_id{own} "  # noqa: S608
            "RETURNING partners_sharing(customer_id)"
        )
    )


_INSERT = {channel: _insert(channel) for channel in Channel}
_CHANGED = tuple(name for name in _COLUMNS if name not in ("id", "customer_id", "partner_id", "partner", "created_at"))
_UPDATE = Query(
    text(
        f"UPDATE interactions SET {', '.join(f'{name} = :{name}' for name in _CHANGED)} WHERE id = :id "  # noqa: S608
        "RETURNING partners_sharing(customer_id)"
    )
)


def create(tx: Transaction, data: dict[str, Any]) -> dict[str, Any]:
    """Record an interaction of loaded `InteractionInput`; raises NotFound, RecordMerged for its customer."""
    caller, moment = tx.caller, now()
    row = {"occurred_at": moment, "visibility": _DEFAULT_VISIBILITY.get(caller.channel, "partner"), **_EMPTY, **data}
    row["attributes"] = row["attributes"] or {}
    row |= {"id": new_id(), "partner_id": caller.partner_id, "partner": caller.partner or None}
    row |= {"version": 1, "created_at": moment, "updated_at": moment, "origin": caller.origin}
    row["sources"] = born(source_of(caller))
    stored = _stored(row)
    told = tx.first(_INSERT[caller.channel], **_bound(stored), **_identity(caller))
    if told is None:
        raise missing(tx, data["customer_id"])
    record = wire_form(stored)
    _tell(tx, "interaction.created", stored, record, told[0])
    audit.record(tx, "interaction.created", "interaction", row["id"])
    return record


def change(tx: Transaction, interaction_id: UUID, patch: dict[str, Any], expected_version: int) -> dict[str, Any]:
    """Apply a loaded merge patch to the version the caller has read; answers the whole record.

    Raises NotFound, Forbidden for another's interaction, PreconditionFailed. What changes nothing writes nothing.
    """
    before = _lock(tx, interaction_id)
    if not tx.caller.sees_everything and before["partner_id"] != tx.caller.partner_id:
        raise Forbidden("Only who recorded an interaction can change it.")
    if before["version"] != expected_version:
        raise PreconditionFailed
    said = patch.get("attributes")
    patch = {name: _EMPTY.get(name) if value is None else value for name, value in patch.items()}
    if said is not None:
        patch["attributes"] = merge_attributes(before["attributes"], said)
    after = before | _stored(patch)
    old, new = wire_form(before), wire_form(after)
    changed = changed_fields(old, new)
    if not changed:
        return old
    after |= {"version": before["version"] + 1, "updated_at": now(), "origin": tx.caller.origin}
    after["sources"] = trace(before, after, changed, source_of(tx.caller))
    after["search_key"] = search_key(after["subject"], after["body"])
    told = tx.first(_UPDATE, **_bound({name: after[name] for name in ("id", *_CHANGED)}))
    record = wire_form(after)
    _tell(tx, "interaction.updated", after, record, told[0] if told else [], changed)
    audit.record(tx, "interaction.updated", "interaction", interaction_id, {"fields": changed})
    return record


def changed_fields(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """The changed fields; lines that differ in nothing but their cost count as a field that only the inside has."""
    changed = [name for name in ALL if old[name] != new[name]]
    if "products" in changed and without_cost(old["products"]) == without_cost(new["products"]):
        changed[changed.index("products")] = "products.unit_cost"
    return changed


def wire_form(row: dict[str, Any]) -> dict[str, Any]:
    """A stored row as the whole record on the wire."""
    return _PROJECT([row[column] for column in _SHOWN])


def search_key(subject: str | None, body: str | None) -> str:
    """The folded words of subject and body, each with a space in front, so that ` word` finds a word's beginning."""
    return "".join(f" {word}" for word in words(f"{subject or ''} {body or ''}"))


def audience(row: dict[str, Any], sharing: list[UUID]) -> list[UUID]:
    """The partners that may see a stored interaction, of those its customer is shared with."""
    if row["visibility"] == "shared":
        return sharing
    return [partner for partner in sharing if row["visibility"] == "partner" and partner == row["partner_id"]]


def _stored(data: dict[str, Any]) -> dict[str, Any]:
    row = {name: value for name, value in data.items() if name not in ("amount", "cost")}
    for name in ("amount", "cost"):
        if name in data:
            money = data[name] or {}
            row[f"{name}_value"], row[f"{name}_currency"] = money.get("value"), money.get("currency")
    if "products" in row:
        row["products"] = [_line(line) for line in row["products"] or []]
    if "created_at" in row:
        row["search_key"] = search_key(row["subject"], row["body"])
    return row


def _line(line: dict[str, Any]) -> dict[str, Any]:
    written = {name: f"{value:f}" if isinstance(value, Decimal) else value for name, value in line.items()}
    return {name: written.get(name) for name in ("sku", "name", *_NUMBERS)}


def _bound(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: Jsonb(row[name]) for name in ("products", "attributes", "sources")}


def _identity(caller: Caller) -> dict[str, Any]:
    return identity_of(caller) if caller.channel is Channel.INTERNET else {}


def _lock(tx: Transaction, interaction_id: UUID) -> dict[str, Any]:
    row = tx.first(_LOCKED[tx.caller.channel], id=interaction_id, **identity_of(tx.caller))
    if row is None:
        raise NotFound
    return dict(zip(_COLUMNS, row, strict=True))


def _locked(channel: Channel) -> Query:
    source, visible = visible_to(channel)
    table = Interaction.__table__
    same = table.c.id == bindparam("id", type_=table.c.id.type)
    return Query(select(*table.c).select_from(source).where(same, visible).with_for_update(of=table))


_LOCKED = {channel: _locked(channel) for channel in Channel}


def _tell(
    tx: Transaction,
    event_type: str,
    row: dict[str, Any],
    record: dict[str, Any],
    sharing: list[UUID],
    changed: Iterable[str] = (),
) -> None:
    outbox.record(
        tx,
        outbox.Event(
            type=event_type,
            resource_id=row["id"],
            customer_id=row["customer_id"],
            record=record,
            changed=changed,
            partners=audience(row, sharing),
            is_for_customer=row["visibility"] != "internal",
        ),
    )
