"""Imports on the wire: bring a file, see what it would become, start, follow the operation, fetch what was wrong."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from gateway.channels import Caller, Channel
from gateway.config import Settings
from gateway.customers import fields
from gateway.http import NO_CONTENT, Call, Operations, Reply, Stream, Upload, created
from gateway.longrunning.api import begun
from gateway.paging import Page, page_of
from gateway.transfers import retention
from gateway.transfers.importing import arrival, faults, service, terms
from gateway.transfers.importing.arrival import Arrival
from gateway.transfers.importing.plan import Plan
from gateway.transfers.importing.reading.formats import CSV, TYPES
from gateway.transfers.models import Transfer
from schemas import customer_import as shapes
from schemas.operation import Operation

operations = Operations("Imports")
_SCOPE = "customers:import"
_CHANNELS = (Channel.EXTRANET, Channel.INTRANET)


def _most_bytes(settings: Settings) -> int:
    return settings.import_mib * 1024 * 1024


def _read(call: Call) -> Arrival:
    encoding, delimiter = call.query.get("encoding"), call.query.get("delimiter")
    return arrival.read_whole(call.file, call.media_type, _most_bytes(call.settings), encoding, delimiter)


@operations.post(
    "/imports",
    scope=_SCOPE,
    channels=_CHANNELS,
    query=shapes.ImportQuery,
    upload=Upload(TYPES, _most_bytes, _read),
    returns=shapes.Import,
)
def receive_import(call: Call) -> Reply:
    """Bring a file of customers: CSV, XLSX or JSON Lines as the body; nothing is imported yet.

    The first row names the columns. The answer says how it was read and what each column seems to mean.
    """
    transfer = arrival.take(call.tx, call.body)
    return created(_shown(call, transfer), f"{call.base}/imports/{transfer.id}")


@operations.list("/imports", scope=_SCOPE, channels=_CHANNELS, query=shapes.ImportsQuery, returns=shapes.Import)
def list_imports(call: Call) -> Page:
    """List the files that were brought, the newest first."""
    limit, after = call.query["limit"], call.after
    found = service.find(call.tx, limit + 1, after[0] if after else None)
    return page_of(found, limit, partial(_shown, call))


@operations.get("/imports/<id:import_id>", scope=_SCOPE, channels=_CHANNELS, returns=shapes.Import)
def show_import(call: Call, import_id: UUID) -> Reply:
    """Show one file and what its columns seem to mean."""
    return Reply(_shown(call, service.get(call.tx, import_id)))


@operations.post(
    "/imports/<id:import_id>/preview",
    scope=_SCOPE,
    channels=_CHANNELS,
    body=shapes.ImportTerms,
    returns=shapes.ImportPreview,
    status=200,
)
def preview_import(call: Call, import_id: UUID) -> Reply:
    """Show what the first 100 rows would become, and what is wrong with them; nothing is written.

    Of the whole file the same is found out by starting it with `dry_run`.
    """
    mapping, plan, looked_at = service.preview(call.tx, import_id, call.body)
    columns = [{"name": name, "target": target} for name, target in mapping.items()]
    items = _items(plan, call.caller, fields.hidden_from(call.tx, fields.side_of(call.caller)))
    counts: dict[str, int] = {}
    for item in items:
        counts[item["outcome"]] = counts.get(item["outcome"], 0) + 1
    return Reply({"looked_at": looked_at, "counts": counts, "columns": columns, "items": items})


@operations.post(
    "/imports/<id:import_id>/start",
    scope=_SCOPE,
    channels=_CHANNELS,
    body=shapes.ImportStart,
    returns=Operation,
    status=202,
)
def start_import(call: Call, import_id: UUID) -> Reply:
    """Import a file in the background; follow the operation, whose result counts what became of the rows.

    An import adds and changes, it never empties a field or removes an item of a list.
    """
    return begun(call, service.start(call.tx, import_id, call.body))


@operations.get("/imports/<id:import_id>/errors", scope=_SCOPE, channels=_CHANNELS, sends=(CSV,))
def download_import_errors(call: Call, import_id: UUID) -> Reply:
    """What was wrong in the last run, as CSV: row, column, code, sentence, and the row as it came."""
    parts = faults.file_of(call.caller, service.get(call.tx, import_id))
    headers = {"Content-Type": f"{CSV}; charset=utf-8", "Content-Disposition": 'attachment; filename="errors.csv"'}
    return Reply(headers=headers, stream=Stream(parts))


@operations.delete("/imports/<id:import_id>", scope=_SCOPE, channels=_CHANNELS, also=(409,))
def remove_import(call: Call, import_id: UUID) -> Reply:
    """Forget a file now; what was imported stays."""
    service.remove(call.tx, import_id)
    return NO_CONTENT


def _shown(call: Call, transfer: Transfer) -> dict[str, Any]:
    return {
        "id": transfer.id,
        "format": transfer.format,
        "encoding": transfer.about["encoding"],
        "delimiter": transfer.about["delimiter"],
        "rows": transfer.rows,
        "columns": terms.columns_of(transfer, call.caller),
        "operation_id": transfer.operation_id,
        "created_by": transfer.created_by,
        "created_at": transfer.created_at,
        "expires_at": retention.expiry_of(transfer, call.settings),
    }


def _items(plan: Plan, caller: Caller, hidden: frozenset[str]) -> list[dict[str, Any]]:
    """Every row that was looked at, in the order of the file, without attributes that are hidden."""
    seen = fields.seen_by(caller)
    items: list[dict[str, Any]] = []
    for number, outcome, row in plan.outcomes:
        is_known = row is not None and row["id"] not in plan.created
        shown = {name: row[name] for name in seen if name in row and name != "id"} if row else None
        record = fields.cut(shown, hidden) if shown else None
        customer_id = row["id"] if row is not None and is_known else None
        items.append({"row": number, "outcome": outcome, "customer_id": customer_id, "record": record, "errors": []})
    for line, errors in plan.faults:
        items.append({"row": line.number, "outcome": "failed", "customer_id": None, "record": None, "errors": errors})
    return sorted(items, key=lambda item: int(item["row"]))
