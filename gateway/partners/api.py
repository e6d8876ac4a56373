"""Partners, inside: `GET/POST /partners`, `GET/PATCH /partners/{code}`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from gateway.channels import Channel
from gateway.http import Call, Operations, Reply, created, found
from gateway.paging import Page, page_of
from gateway.partners import service
from gateway.partners.models import Partner
from gateway.partners.terms import terms_of
from schemas import partner as shapes
from schemas.projection import show

operations = Operations("Partners")
_INSIDE = (Channel.INTRANET,)


@operations.list(
    "/partners", scope="partners:read", query=shapes.PartnerQuery, returns=shapes.Partner, channels=_INSIDE
)
def list_partners(call: Call) -> Page:
    """List the partners, by code."""
    after = call.after[0] if call.after else ""
    rows = service.list_after(call.tx, after, call.query["limit"] + 1, call.query.get("status"))
    return page_of(rows, call.query["limit"], _shown, ("code",))


@operations.post(
    "/partners", scope="partners:write", body=shapes.PartnerInput, returns=shapes.Partner, channels=_INSIDE
)
def add_partner(call: Call) -> Reply:
    """Add a partner."""
    body = dict(call.body)
    partner = service.add(call.tx, body.pop("code"), body.pop("name"), body.pop("granted_fields", ()))
    service.change(call.tx, partner, body, partner.version)
    return created(_shown(partner), f"{call.base}/partners/{partner.code}", partner.version)


@operations.get("/partners/<string:code>", scope="partners:read", returns=shapes.Partner, channels=_INSIDE)
def show_partner(call: Call, code: str) -> Reply:
    """Show one partner."""
    partner = service.get_by_code(call.tx, code)
    return found(_shown(partner), partner.version)


@operations.patch(
    "/partners/<string:code>",
    scope="partners:write",
    body=shapes.PartnerPatch,
    returns=shapes.Partner,
    channels=_INSIDE,
    needs_version=True,
)
def change_partner(call: Call, code: str) -> Reply:
    """Change a partner; what its agreement grants holds in every process within five seconds."""
    partner = service.get_by_code(call.tx, code)
    service.change(call.tx, partner, call.body, call.expected_version())
    return found(_shown(partner), partner.version)


def _shown(partner: Partner) -> dict[str, Any]:
    return show(shapes.Partner, partner, terms=asdict(terms_of(partner)))
