"""The answer to a request for access on the wire: `GET /rights-requests/{id}/archive`."""

from __future__ import annotations

from uuid import UUID

from gateway import audit
from gateway.channels import Channel
from gateway.customers.reads.noting import note
from gateway.http import Call, Operations, Reply, Stream
from gateway.rights.access import pieces, service

operations = Operations("Rights")
_ZIP = "application/zip"


@operations.get(
    "/rights-requests/<id:case_id>/archive", scope="rights:ask", channels=(Channel.INTERNET,), sends=(_ZIP,)
)
def fetch_archive(call: Call, case_id: UUID) -> Reply:
    """Fetch all that is kept of you as a ZIP, to read and for a machine, until it expires."""
    customer_id, size = service.find(call.tx, case_id)
    note(call.tx, "rights", (customer_id,))
    audit.record(call.tx, "access_archive.fetched", "customer", customer_id, {"case_id": str(case_id)})
    headers = {
        "Content-Type": _ZIP,
        "Content-Length": str(size),
        "Content-Disposition": f'attachment; filename="personal-data-{case_id}.zip"',
    }
    return Reply(headers=headers, stream=Stream(pieces.walk(call.caller, case_id)))


operations.get(
    "/rights-requests/<id:case_id>/archive", scope="rights:read", channels=(Channel.INTRANET,), sends=(_ZIP,)
)(fetch_archive)
