"""Merging inside: `/identity/merges`, with a preview that writes nothing, and its undoing."""

from __future__ import annotations

from uuid import UUID

from gateway import audit
from gateway.channels import Channel
from gateway.http import Call, Operations, Reply, created
from gateway.identity.merging import plan, service, shown
from gateway.identity.merging.service import Wish
from gateway.paging import Page, page_of
from schemas import merge as shapes

operations = Operations("Identity")
_INSIDE = (Channel.INTRANET,)


@operations.post(
    "/identity/merges/preview",
    scope="identity:read",
    body=shapes.MergePreview,
    returns=shapes.PreviewedMerge,
    status=200,
    channels=_INSIDE,
)
def preview_merge(call: Call) -> Reply:
    """Show what a merge would do: what survives of each field and why, and how much would move. Nothing is written."""
    keep_id, lose_id = call.body["keep_id"], call.body["lose_id"]
    planned = plan.make(call.tx, keep_id, lose_id, call.body["fields"], lock=False)
    if call.caller.is_person:
        for customer_id in (keep_id, lose_id):
            audit.record(call.tx, "customer.read", "customer", customer_id)
    return Reply(shown.preview_form(planned, plan.counts(call.tx, lose_id)))


@operations.post(
    "/identity/merges",
    scope="identity:settle",
    body=shapes.MergeInput,
    returns=shapes.Merge,
    channels=_INSIDE,
    also=(409, 412),
)
def merge_customers(call: Call) -> Reply:
    """Make two customers one, with everything that belongs to them; the lost id leads to the other for ever."""
    done = service.merge(call.tx, Wish(**call.body))
    return created(shown.merge_form(done), f"{call.base}/identity/merges/{done.id}")


@operations.list(
    "/identity/merges", scope="identity:read", query=shapes.MergeQuery, returns=shapes.Merge, channels=_INSIDE
)
def list_merges(call: Call) -> Page:
    """List merges, the newest first."""
    limit, after = call.query["limit"], call.after[0] if call.after else None
    merges = service.find(call.tx, call.query.get("customer_id"), after, limit + 1)
    return page_of(merges, limit, shown.merge_form)


@operations.get("/identity/merges/<id:merge_id>", scope="identity:read", returns=shapes.Merge, channels=_INSIDE)
def show_merge(call: Call, merge_id: UUID) -> Reply:
    """Show one merge."""
    return Reply(shown.merge_form(service.get(call.tx, merge_id)))


@operations.post(
    "/identity/merges/<id:merge_id>/undo",
    scope="identity:settle",
    returns=shapes.Merge,
    status=200,
    channels=_INSIDE,
    also=(409,),
)
def undo_merge(call: Call, merge_id: UUID) -> Reply:
    """Make one customer two again; what has changed since goes to whom it is about, as far as that can be told."""
    return Reply(shown.merge_form(service.undo(call.tx, merge_id)))
