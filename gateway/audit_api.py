"""The audit trail, inside: `GET /audit/entries`, newest first."""

from __future__ import annotations

from functools import partial

from sqlalchemy import select, tuple_

from gateway.audit import AuditEntry
from gateway.channels import Channel
from gateway.http import Call, Operations
from gateway.paging import Page, page_of
from schemas import audit as shapes
from schemas.projection import show

operations = Operations("Audit")


@operations.list(
    "/audit/entries",
    scope="audit:read",
    query=shapes.AuditQuery,
    returns=shapes.AuditEntry,
    channels=(Channel.INTRANET,),
)
def list_audit_entries(call: Call) -> Page:
    """List what was done, newest first; `kopru audit verify` proves that nothing was taken out."""
    query, limit = call.query, call.query["limit"]
    statement = select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit + 1)
    for name in ("resource", "resource_id", "actor"):
        if name in query:
            statement = statement.where(getattr(AuditEntry, name) == query[name])
    if "since" in query:
        statement = statement.where(AuditEntry.at >= query["since"])
    if call.after:
        statement = statement.where(tuple_(AuditEntry.at, AuditEntry.id) < call.after)
    rows = call.tx.scalars(statement)
    return page_of(rows, limit, partial(show, shapes.AuditEntry), ("at", "id"))
