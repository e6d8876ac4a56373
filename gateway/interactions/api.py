"""The interactions of every channel: `GET/POST /interactions`, `GET/PATCH /interactions/{id}`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from gateway import audit
from gateway.channels import DOORS, Channel
from gateway.customers import api as customers
from gateway.customers import redirects
from gateway.customers.reads.noting import note
from gateway.http import Call, Operations, Reply, created, found
from gateway.interactions import fields, search, service
from gateway.paging import Page, read_names, read_sort
from schemas import interaction as shapes
from schemas.page import RecordQuery

operations = Operations("Interactions")

_SHOWN = {
    Channel.INTERNET: shapes.PublicInteraction,
    Channel.EXTRANET: shapes.PublicInteraction,
    Channel.INTRANET: shapes.Interaction,
}
_WRITTEN = {
    Channel.INTERNET: shapes.InteractionInput,
    Channel.EXTRANET: shapes.InteractionInput,
    Channel.INTRANET: shapes.InternalInteractionInput,
}
_PATCHED = {Channel.EXTRANET: shapes.InteractionPatch, Channel.INTRANET: shapes.InternalInteractionPatch}


@operations.list("/interactions", scope="interactions:read", query=shapes.InteractionQuery, returns=_SHOWN)
def list_interactions(call: Call) -> Page:
    """List the interactions you may see.

    A partner sees those it recorded and, of its customers' others, the shared ones; a customer sees their own.
    """
    seen = fields.seen_by(call.caller)
    names = read_names(call.query.get("fields_"), seen, "fields") or seen
    read_names(call.query.get("include"), (), "include")
    sort = read_sort(call.query.get("sort"), search.SORTS, "-occurred_at")
    fetched = (*names, *({"customer_id"} - set(names)))
    page = search.find(call.tx, fetched, sort, call.query, call.after, call.query["limit"])
    note(call.tx, "interactions", (each["customer_id"] for each in page.items))
    if fetched != names:
        page = Page([{name: each[name] for name in names} for each in page.items], page.last_key)
    if not page.items and "customer_id" in call.query:
        redirects.follow(call.tx, call.query["customer_id"])
    if call.caller.is_person:
        audit.record(call.tx, "interactions.listed", "interaction", "", {"shown": len(page.items)})
    return page


@operations.post(
    "/interactions",
    scope="interactions:write",
    body=_WRITTEN,
    returns=_SHOWN,
    fields_of=fields.written_by,
    also=(404,),
)
def create_interaction(call: Call) -> Reply:
    """Record an interaction with a customer you may see.

    Its visibility is `internal` by default inside and `partner` outside: the one who recorded it, and the intranet.
    """
    record = service.create(call.tx, call.body)
    return created(_shown(call, record), f"{call.base}/interactions/{record['id']}", record["version"])


@operations.get("/interactions/<id:interaction_id>", scope="interactions:read", query=RecordQuery, returns=_SHOWN)
def show_interaction(call: Call, interaction_id: UUID) -> Reply:
    """Show one interaction."""
    seen = fields.seen_by(call.caller)
    names = read_names(call.query.get("fields_"), seen, "fields") or seen
    read_names(call.query.get("include"), (), "include")
    record = search.get(call.tx, interaction_id, (*names, *({"customer_id", "version"} - set(names))))
    version = record["version"]
    note(call.tx, "interactions", (record["customer_id"],))
    if call.caller.is_person:
        audit.record(call.tx, "interaction.read", "interaction", interaction_id)
    return found({name: record[name] for name in names}, version)


@operations.patch(
    "/interactions/<id:interaction_id>",
    scope="interactions:write",
    body=_PATCHED,
    returns=_SHOWN,
    fields_of=fields.changed_by,
    needs_version=True,
    channels=(Channel.EXTRANET, Channel.INTRANET),
)
def change_interaction(call: Call, interaction_id: UUID) -> Reply:
    """Correct an interaction by JSON merge patch; only who recorded it and the intranet can."""
    record = service.change(call.tx, interaction_id, call.body, call.expected_version())
    return found(_shown(call, record), record["version"])


def _shown(call: Call, record: dict[str, Any]) -> dict[str, Any]:
    return fields.narrow(record, call.channel, call.caller.granted_fields)


customers.RELATED["interactions"] = (frozenset(DOORS), lambda call, ids: search.newest_of(call.tx, ids))
