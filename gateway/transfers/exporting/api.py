"""Exports on the wire: ask for a file of customers, follow the operation, fetch it until it expires."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from gateway.channels import Channel
from gateway.http import NO_CONTENT, Call, Operations, Reply, Stream
from gateway.longrunning.api import begun
from gateway.paging import Page, page_of
from gateway.transfers import pieces, retention
from gateway.transfers.exporting import service
from gateway.transfers.exporting.formats import MEDIA_TYPES
from gateway.transfers.models import Transfer
from schemas import customer_export as shapes
from schemas.operation import Operation

operations = Operations("Exports")
_SCOPE = "customers:export"
_CHANNELS = (Channel.EXTRANET, Channel.INTRANET)


@operations.post(
    "/exports",
    scope=_SCOPE,
    channels=_CHANNELS,
    body={Channel.EXTRANET: shapes.ExportInput, Channel.INTRANET: shapes.InternalExportInput},
    returns=Operation,
    status=202,
)
def start_export(call: Call) -> Reply:
    """Write the customers you may see to a file, in the background; follow the operation.

    Its result names the export, whose `file` is yours alone until it expires.
    """
    _, operation = service.start(call.tx, call.body)
    return begun(call, operation)


@operations.list("/exports", scope=_SCOPE, channels=_CHANNELS, query=shapes.ExportsQuery, returns=shapes.Export)
def list_exports(call: Call) -> Page:
    """List your own exports, the newest first."""
    limit, after = call.query["limit"], call.after
    found = service.find(call.tx, limit + 1, after[0] if after else None)
    return page_of(found, limit, partial(_shown, call))


@operations.get("/exports/<id:export_id>", scope=_SCOPE, channels=_CHANNELS, returns=shapes.Export)
def show_export(call: Call, export_id: UUID) -> Reply:
    """Show one export of yours and where its file is fetched."""
    return Reply(_shown(call, service.get(call.tx, export_id)))


@operations.get(
    "/exports/<id:export_id>/file",
    scope=_SCOPE,
    channels=_CHANNELS,
    sends=tuple(each.partition(";")[0] for each in MEDIA_TYPES.values()),
)
def download_export(call: Call, export_id: UUID) -> Reply:
    """Fetch the file."""
    transfer = service.open_file(call.tx, export_id)
    headers = {
        "Content-Type": MEDIA_TYPES[transfer.format],
        "Content-Length": str(transfer.size),
        "Content-Disposition": f'attachment; filename="customers.{transfer.format}"',
    }
    return Reply(headers=headers, stream=Stream(pieces.walk(call.caller, transfer.id, pieces.FILE)))


@operations.delete("/exports/<id:export_id>", scope=_SCOPE, channels=_CHANNELS, also=(409,))
def remove_export(call: Call, export_id: UUID) -> Reply:
    """Remove a file now."""
    service.remove(call.tx, export_id)
    return NO_CONTENT


def _shown(call: Call, transfer: Transfer) -> dict[str, Any]:
    work = service.work_on(call.tx, transfer)
    return {
        "id": transfer.id,
        "format": transfer.format,
        "fields": transfer.about["fields"],
        "status": work.status,
        "operation_id": work.id,
        "rows": transfer.rows,
        "size": transfer.size,
        "file": f"{call.base}/exports/{transfer.id}/file" if service.is_open(call.tx, transfer) else None,
        "created_by": transfer.created_by,
        "created_at": transfer.created_at,
        "expires_at": retention.expiry_of(transfer, call.settings),
    }
