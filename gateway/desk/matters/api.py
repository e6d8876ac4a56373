"""`/matters`: what customers want settled, on every channel."""

from __future__ import annotations

from uuid import UUID

from gateway import audit
from gateway.channels import Channel
from gateway.customers import redirects
from gateway.customers.reads.noting import note
from gateway.desk.matters import entries, notes, search, service
from gateway.desk.matters.models import Entry, Matter
from gateway.http import Call, Operations, Reply, created, found
from gateway.paging import Page
from schemas import matter as shapes

operations = Operations("Matters")

_READ, _WRITE, _ONE = "matters:read", "matters:write", "/matters/<id:matter_id>"
_SHOWN = {channel: shape for channel, shape in search.SHOWN.items() if channel is not Channel.SYSTEM}
_WHOLE = {
    Channel.INTERNET: shapes.WholePublicMatter,
    Channel.EXTRANET: shapes.WholePartnerMatter,
    Channel.INTRANET: shapes.WholeMatter,
}
_OPENED = {
    Channel.INTERNET: shapes.OwnMatterInput,
    Channel.EXTRANET: shapes.PartnerMatterInput,
    Channel.INTRANET: shapes.MatterInput,
}
_CHANGED = {Channel.EXTRANET: shapes.PartnerMatterPatch, Channel.INTRANET: shapes.MatterPatch}
_NOTED = {
    Channel.INTERNET: shapes.OwnMatterNote,
    Channel.EXTRANET: shapes.PartnerMatterNote,
    Channel.INTRANET: shapes.MatterNote,
}
_PARTNERS_AND_INSIDE = (Channel.EXTRANET, Channel.INTRANET)
_BESIDE = 50


@operations.list(
    "/matters",
    scope=_READ,
    query=shapes.MatterQuery,
    returns=_SHOWN,
    channels=(Channel.INTERNET, Channel.EXTRANET),
)
def list_matters(call: Call) -> Page:
    """List the matters you may see, what changed last first.

    A customer sees their own, a partner those that it works on.
    """
    limit = call.query["limit"]
    rows = search.find(call.tx, call.query, call.after, limit + 1)
    if not rows and "customer_id" in call.query:
        redirects.follow(call.tx, call.query["customer_id"])
    note(call.tx, "matters", (each.customer_id for each in rows[:limit]))
    if call.caller.is_person:
        audit.record(call.tx, "matters.listed", "matter", "", {"shown": len(rows[:limit])})
    last = (rows[limit - 1].updated_at, rows[limit - 1].id) if len(rows) > limit else None
    return Page([search.shown(each, call.channel) for each in rows[:limit]], last)


operations.list(
    "/matters",
    scope=_READ,
    query=shapes.InternalMatterQuery,
    returns=shapes.Matter,
    channels=(Channel.INTRANET,),
)(list_matters)


@operations.post("/matters", scope=_WRITE, body=_OPENED, returns=_SHOWN, also=(404,))
def open_matter(call: Call) -> Reply:
    """Open a matter: your own, or of a customer you may see."""
    said = call.body if "customer_id" in call.body else call.body | {"customer_id": call.caller.customer_id}
    matter = service.open_matter(call.tx, said)
    return created(search.shown(matter, call.channel), f"{call.base}/matters/{matter.id}", matter.version)


@operations.get(_ONE, scope=_READ, returns=_WHOLE)
def show_matter(call: Call, matter_id: UUID) -> Reply:
    """Show a matter with the newest of its interactions and of what was said of it, as far as you may see them."""
    matter = search.get(call.tx, matter_id)
    note(call.tx, "matters", (matter.customer_id,))
    if call.caller.is_person:
        audit.record(call.tx, "matter.read", "customer", matter.customer_id, {"matter": matter.number})
    beside = {
        "interactions": notes.interactions_of(call.tx, matter_id, _BESIDE),
        "entries": [entries.shown(each, call.caller) for each in entries.find(call.tx, matter_id, None, _BESIDE)],
    }
    return found(search.shown(matter, call.channel) | beside, matter.version)


@operations.patch(
    _ONE, scope=_WRITE, body=_CHANGED, returns=_SHOWN, needs_version=True, channels=_PARTNERS_AND_INSIDE, also=(409,)
)
def change_matter(call: Call, matter_id: UUID) -> Reply:
    """Change a matter; a partner moves its status. Whoever opens a solved or closed one opens it again."""
    return _found(call, service.change(call.tx, matter_id, call.body, call.expected_version()))


@operations.list(f"{_ONE}/entries", scope=_READ, query=shapes.MatterEntryQuery, returns=shapes.MatterEntry)
def list_matter_entries(call: Call, matter_id: UUID) -> Page:
    """List what was said of a matter and done with it, newest first, as far as you may read it."""
    note(call.tx, "matters", (search.get(call.tx, matter_id).customer_id,))
    limit = call.query["limit"]
    rows = entries.find(call.tx, matter_id, call.after, limit + 1)
    last = (rows[limit - 1].at, rows[limit - 1].id) if len(rows) > limit else None
    return Page([entries.shown(each, call.caller) for each in rows[:limit]], last)


@operations.post(f"{_ONE}/notes", scope=_WRITE, body=_NOTED, returns=shapes.MatterEntry)
def add_matter_note(call: Call, matter_id: UUID) -> Reply:
    """Add a word: for the house alone, for the partner too, or for everybody the matter concerns.

    A customer's word opens a matter again that waits for them or was solved.
    """
    entry = notes.add(call.tx, matter_id, call.body["text"], call.body.get("visibility", "shared"))
    return _created(call, matter_id, entry)


@operations.post(
    f"{_ONE}/interactions",
    scope=_WRITE,
    body=shapes.InteractionLink,
    returns=_SHOWN,
    status=200,
    channels=_PARTNERS_AND_INSIDE,
)
def add_matter_interaction(call: Call, matter_id: UUID) -> Reply:
    """Have an interaction of the same customer belong to a matter; it belongs to one at most."""
    return _found(call, notes.link(call.tx, matter_id, call.body["interaction_id"]))


def _found(call: Call, matter: Matter) -> Reply:
    return found(search.shown(matter, call.channel), matter.version)


def _created(call: Call, matter_id: UUID, entry: Entry) -> Reply:
    return created(entries.shown(entry, call.caller), f"{call.base}/matters/{matter_id}/entries")
