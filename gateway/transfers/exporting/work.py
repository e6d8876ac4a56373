"""An export at work: a page of customers a step, read in its owner's name and committed as a piece of the file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from gateway import queue
from gateway.channels import Caller
from gateway.customers import fields, search
from gateway.customers.reads.noting import note
from gateway.db import Transaction, transaction
from gateway.errors import Conflict
from gateway.longrunning import kinds
from gateway.longrunning.kinds import Step
from gateway.longrunning.models import Operation
from gateway.paging import Page, key_from_json, key_to_json, read_sort
from gateway.transfers import owners, pieces
from gateway.transfers.exporting.formats import Format, format_of
from gateway.transfers.models import Transfer
from gateway.validation import schema_of
from schemas.customer_export import InternalExportFilters

KIND, SCOPE = "customers.export", "customers:export"
ROWS_AT_ONCE = 1_000
_STATEMENT_SECONDS = 60


class ExportGone(Conflict):
    """The export was removed, or its owner may no longer see what it shows."""

    code, title = "export_gone", "The export was removed, or shows fields that you may no longer see"


@kinds.register(KIND, queue=queue.SYNC, scope=SCOPE)
def export_some(tx: Transaction, operation: Operation) -> Step:
    """Add the next customers to the file; raises ExportGone, PartnerSuspended, TooLarge."""
    transfer = tx.session.get(Transfer, UUID(operation.options["export_id"]))
    owner = owners.caller_of(tx, transfer) if transfer else None
    names = tuple(operation.options["fields"])
    if transfer is None or owner is None or not is_shown(names, owner):
        raise ExportGone
    file = format_of(transfer.format, names, for_excel=operation.options["for_excel"])
    cursor = operation.cursor or {"state": None, "after": None}
    page = _page(owner, names, operation.options, cursor["after"])
    content, state = _written(file, page, cursor["state"])
    pieces.keep(tx, transfer.id, pieces.FILE, transfer.pieces, content)
    transfer.pieces += 1
    transfer.rows += len(page.items)
    transfer.size += len(content)
    after = None if page.last_key is None else key_to_json(page.last_key)
    result = {"export_id": str(transfer.id), "rows": transfer.rows, "size": transfer.size}
    return Step(len(page.items), 0, {"state": state, "after": after}, after is None, result=result)


def is_shown(names: Sequence[str], caller: Caller) -> bool:
    """Whether a caller may see all of these fields."""
    return set(names) <= set(fields.seen_by(caller))


def _page(owner: Caller, names: tuple[str, ...], options: dict[str, Any], after: Any) -> Page:
    # In a transaction of the owner's own, so that the database decides rows once more.
    filters: dict[str, Any] = schema_of(InternalExportFilters, None).load(options["filters"])
    sort = read_sort(options["sort"], search.SORTS, "created_at")
    with transaction(owner, statement_seconds=_STATEMENT_SECONDS) as reading:
        key = None if after is None else key_from_json(after)
        page = search.find(reading, (*names, *({"id"} - set(names))), sort, filters, key, ROWS_AT_ONCE)
        note(reading, "exports", (each["id"] for each in page.items))
    return Page([{name: each[name] for name in names} for each in page.items], page.last_key)


def _written(file: Format, page: Page, state: dict[str, Any] | None) -> tuple[bytes, dict[str, Any]]:
    head, state = file.begin() if state is None else (b"", state)
    body, state = file.add(page.items, state)
    return head + body + (file.end(state) if page.last_key is None else b""), state
