"""Sync inside: `/sync/links`, their runs, and the connectors there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import connectors
from gateway.channels import Channel
from gateway.errors import refuse_field
from gateway.http import Call, Operations, Reply, created, found
from gateway.paging import Page
from gateway.partners import service as partners
from gateway.sync import service
from gateway.sync.models import SyncLink
from gateway.sync.repairs import service as repairs
from gateway.sync.shown import begun, run_form
from gateway.sync.standing import standings
from schemas import sync as shapes
from schemas.page import PageQuery
from schemas.sync_run import RunInput

operations = Operations("Sync")
_INSIDE = (Channel.INTRANET,)
_LINK_FIELDS = (
    "id", "name", "connector", "settings", "status", "paused_reason", "deletion_policy", "most_vanished_share",
    "most_rejected_share", "requests_per_minute", "most_concurrent", "circuit", "circuit_until", "quiet_until",
    "interval_seconds", "next_run_at", "version", "created_at", "updated_at",
)  # fmt: skip
_HEALTH_FIELDS = (
    "last_success_at", "last_error", "open_operations", "failed_operations", "rejected", "conflicts", "waits_since",
)  # fmt: skip


@operations.list("/sync/links", scope="sync:read", query=PageQuery, returns=shapes.Link, channels=_INSIDE)
def list_links(call: Call) -> Page:
    """List the links to partners' systems."""
    limit = call.query["limit"]
    links = service.list_links(call.tx, _after(call), limit + 1)
    codes = service.partner_codes(call.tx, links)
    return _page(links, [_link(link, codes[link.partner_id]) for link in links], limit)


@operations.post(
    "/sync/links", scope="sync:write", body=shapes.LinkInput, returns=shapes.Link, channels=_INSIDE, also=(409,)
)
def create_link(call: Call) -> Reply:
    """Add a link to a partner's system.

    The connector checks the settings; secrets among them are stored encrypted and never shown again.
    """
    partner = partners.find(call.tx, call.body["partner"])
    if partner is None:
        raise refuse_field("/partner", "unknown", "There is no partner with this code.")
    wanted = {name: value for name, value in call.body.items() if name != "partner"}
    link = service.add_link(call.tx, partner_id=partner.id, **wanted)
    return created(_link(link, partner.code), f"{call.base}/sync/links/{link.id}", link.version)


@operations.get("/sync/links/<id:link_id>", scope="sync:read", returns=shapes.Link, channels=_INSIDE)
def show_link(call: Call, link_id: UUID) -> Reply:
    """Show one link and how it stands; a paused one says why."""
    link = service.get_link(call.tx, link_id)
    [standing] = standings(call.tx, link.id)
    health = {name: getattr(standing, name) for name in _HEALTH_FIELDS}
    shown = _link(link, service.partner_codes(call.tx, [link])[link.partner_id])
    return found({**shown, "health": health}, link.version)


@operations.patch(
    "/sync/links/<id:link_id>",
    scope="sync:write",
    body=shapes.LinkPatch,
    returns=shapes.Link,
    channels=_INSIDE,
    needs_version=True,
    also=(409,),
)
def change_link(call: Call, link_id: UUID) -> Reply:
    """Change a link: pause or resume it, its schedule, its settings."""
    link = service.change_link(call.tx, link_id, call.body, call.expected_version())
    return found(_link(link, service.partner_codes(call.tx, [link])[link.partner_id]), link.version)


@operations.post(
    "/sync/links/<id:link_id>/runs",
    scope="sync:run",
    body=RunInput,
    is_body_optional=True,
    returns=shapes.Run,
    status=202,
    channels=_INSIDE,
    also=(409,),
)
def start_run(call: Call, link_id: UUID) -> Reply:
    """Start a run; while one is active, the answer is a 409 that names it."""
    return begun(call, repairs.start(call.tx, link_id, call.body))


@operations.list("/sync/runs", scope="sync:read", query=shapes.OfLinkQuery, returns=shapes.Run, channels=_INSIDE)
def list_runs(call: Call) -> Page:
    """List runs, the newest first."""
    limit = call.query["limit"]
    runs = service.list_runs(call.tx, call.query.get("link_id"), _after(call), limit + 1)
    return _page(runs, [run_form(run) for run in runs], limit)


@operations.get("/sync/runs/<id:run_id>", scope="sync:read", returns=shapes.Run, channels=_INSIDE)
def show_run(call: Call, run_id: UUID) -> Reply:
    """Show one run; its counts move with every page it commits."""
    return Reply(run_form(service.get_run(call.tx, run_id)))


@operations.post("/sync/runs/<id:run_id>/cancel", scope="sync:run", returns=shapes.Run, status=202, channels=_INSIDE)
def cancel_run(call: Call, run_id: UUID) -> Reply:
    """Ask a run to end; it stops within one page and keeps what it has committed."""
    run = service.cancel_run(call.tx, run_id)
    return begun(call, run)


@operations.get("/sync/connectors", scope="sync:read", returns=shapes.Connectors, channels=_INSIDE)
def list_connectors(call: Call) -> Reply:
    """List the kinds of partner systems there are connectors for; a broken one says why it is unavailable."""
    return Reply({"items": [_connector(each) for each in connectors.available()], "next": None})


def _after(call: Call) -> UUID | None:
    return call.after[0] if call.after else None


def _page(rows: Sequence[Any], items: list[dict[str, Any]], limit: int) -> Page:
    return Page(items[:limit], (rows[limit - 1].id,) if len(rows) > limit else None)


def _link(link: SyncLink, partner: str) -> dict[str, Any]:
    return {name: getattr(link, name) for name in _LINK_FIELDS} | {"partner": partner}


def _connector(each: connectors.Description) -> dict[str, Any]:
    shown = {"name": each.name, "title": each.title, "streams": list(each.streams), "can": sorted(each.can)}
    return {**shown, "is_available": each.error is None, "error": each.error, "settings_schema": each.settings_schema}
