"""What can be done with imports: look, preview, start, remove. Nothing here commits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from gateway import audit
from gateway.db import Transaction
from gateway.errors import Conflict, NotFound
from gateway.longrunning import service as longrunning
from gateway.longrunning.models import ACTIVE, Operation
from gateway.transfers.importing import arrival, terms
from gateway.transfers.importing.plan import Plan, decide
from gateway.transfers.importing.work import KIND
from gateway.transfers.models import Transfer

PREVIEWED = 100


class ImportUnderWay(Conflict):
    """It is being imported just now."""

    code, title = "import_under_way", "This import is under way; wait for its operation or cancel it"


def get(tx: Transaction, import_id: UUID, *, lock: bool = False) -> Transfer:
    """One import of the caller's; raises NotFound."""
    found = tx.session.get(Transfer, import_id, with_for_update=lock, populate_existing=lock)
    if found is None or found.direction != "in":
        raise NotFound
    return found


def find(tx: Transaction, limit: int, before: UUID | None = None) -> list[Transfer]:
    """The caller's imports, the newest first."""
    statement = select(Transfer).where(Transfer.direction == "in").order_by(Transfer.id.desc()).limit(limit)
    return tx.scalars(statement if before is None else statement.where(Transfer.id < before))


def preview(tx: Transaction, import_id: UUID, asked: Mapping[str, Any]) -> tuple[dict[str, str | None], Plan, int]:
    """The mapping that would hold, what the first rows would become, and how many those are.

    Raises NotFound, Invalid.
    """
    transfer = get(tx, import_id)
    wanted = terms.complete(transfer, tx.caller, asked)
    lines = arrival.rows_of(tx, transfer.id, 0)[:PREVIEWED]
    plan = decide(tx, terms.rules_of(transfer, tx.caller, wanted), lines, lock=False)
    return wanted["mapping"], plan, len(lines)


def start(tx: Transaction, import_id: UUID, asked: Mapping[str, Any]) -> Operation:
    """Begin to import; raises NotFound, Invalid, ImportUnderWay, TooManyOperations."""
    transfer = _idle(tx, import_id)
    wanted = terms.complete(transfer, tx.caller, asked)
    options = {"import_id": str(import_id), "dry_run": asked["dry_run"], **wanted}
    operation = longrunning.start(tx, KIND, options, import_id)
    transfer.operation_id = operation.id
    return operation


def remove(tx: Transaction, import_id: UUID) -> None:
    """Forget a file and what was wrong with it; raises NotFound, ImportUnderWay."""
    tx.session.delete(_idle(tx, import_id))
    audit.record(tx, "import.removed", "import", import_id)


def _idle(tx: Transaction, import_id: UUID) -> Transfer:
    transfer = get(tx, import_id, lock=True)
    work = tx.session.get(Operation, transfer.operation_id) if transfer.operation_id else None
    if work is not None and work.status in ACTIVE:
        raise ImportUnderWay(f"The operation {work.id} is under way.")
    return transfer
