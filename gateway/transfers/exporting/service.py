"""What can be done with exports: start, look, fetch, remove. Nothing here commits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from gateway import audit
from gateway.customers import fields, restricted, search
from gateway.db import Transaction, new_id
from gateway.errors import Conflict, NotFound, refuse_field
from gateway.longrunning import service as longrunning
from gateway.longrunning.models import ACTIVE, Operation
from gateway.paging import read_sort
from gateway.transfers import owners
from gateway.transfers.exporting.work import KIND, is_shown
from gateway.transfers.models import Transfer


class ExportUnderWay(Conflict):
    """It is being written just now."""

    code, title = "export_under_way", "This export is under way; wait for its operation or cancel it"


def start(tx: Transaction, asked: Mapping[str, Any]) -> tuple[Transfer, Operation]:
    """Begin to write a file of customers; raises Invalid, BadRequest for a sort there is not, TooManyOperations."""
    owners.require_room(tx)
    caller = tx.caller
    names, filters = _names(tx, asked.get("fields_")), asked.get("filters", {})
    read_sort(asked.get("sort"), search.SORTS, "created_at")
    transfer = Transfer(
        id=new_id(), direction="out", channel=owners.door_of(caller).value, partner_id=caller.partner_id,
        owner_key=caller.key, format=asked["format"], about={"fields": names}, created_by=caller.actor,
    )  # fmt: skip
    tx.session.add(transfer)
    said = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in filters.items()}
    options = {
        "export_id": str(transfer.id), "fields": names, "filters": said, "sort": asked.get("sort"),
        "for_excel": asked["for_excel"],
    }  # fmt: skip
    operation = longrunning.start(tx, KIND, options, transfer.id)
    transfer.operation_id = operation.id
    tx.session.flush()
    audit.record(tx, "export.requested", "export", transfer.id, {"fields": names, "filters": sorted(said)})
    return transfer, operation


def get(tx: Transaction, export_id: UUID) -> Transfer:
    """One export of the caller's own; raises NotFound, for a colleague's too."""
    found = tx.session.get(Transfer, export_id)
    if found is None or found.direction != "out" or found.owner_key != tx.caller.key:
        raise NotFound
    return found


def find(tx: Transaction, limit: int, before: UUID | None = None) -> list[Transfer]:
    """The caller's own exports, the newest first."""
    own = (Transfer.direction == "out", Transfer.owner_key == tx.caller.key)
    statement = select(Transfer).where(*own).order_by(Transfer.id.desc()).limit(limit)
    return tx.scalars(statement if before is None else statement.where(Transfer.id < before))


def open_file(tx: Transaction, export_id: UUID) -> Transfer:
    """An export whose file is open; raises NotFound."""
    found = get(tx, export_id)
    if not is_open(tx, found):
        raise NotFound
    audit.record(tx, "export.downloaded", "export", export_id, {"rows": found.rows})
    return found


def is_open(tx: Transaction, export: Transfer) -> bool:
    """Whether a file is whole, and its owner may still see what is in it: the fields, and whoever it may tell of."""
    if work_on(tx, export).status != "succeeded" or not is_shown(export.about["fields"], owners.caller_of(tx, export)):
        return False
    return export.partner_id is None or not restricted.was_exported(tx, export.created_at)


def remove(tx: Transaction, export_id: UUID) -> None:
    """Remove a file now; raises NotFound, ExportUnderWay."""
    found = get(tx, export_id)
    if work_on(tx, found).status in ACTIVE:
        raise ExportUnderWay
    tx.session.delete(found)
    audit.record(tx, "export.removed", "export", export_id)


def work_on(tx: Transaction, transfer: Transfer) -> Operation:
    """The operation that writes a file, or wrote it."""
    return tx.session.get_one(Operation, transfer.operation_id)


def _names(tx: Transaction, asked: list[str] | None) -> list[str]:
    seen = fields.seen_by(tx.caller)
    if asked is None:
        return list(seen)
    if unknown := sorted(set(asked).difference(seen)):
        raise refuse_field("/fields", "unknown_field", f"There is no {', '.join(unknown)[:200]} here.")
    return [name for name in seen if name in asked]
