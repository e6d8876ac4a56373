"""Purposes: `GET /consent-purposes` for everybody, and inside the making of them."""

from __future__ import annotations

from typing import Any

from gateway.channels import Channel
from gateway.consent.purposes import service
from gateway.consent.purposes.models import Purpose
from gateway.http import Call, Operations, Reply, created, found
from gateway.paging import Page, page_of
from schemas import consent_purpose as shapes
from schemas.page import PageQuery
from schemas.projection import show

operations = Operations("Consent")
_INSIDE = (Channel.INTRANET,)


@operations.list("/consent-purposes", scope="consents:read", query=PageQuery, returns=shapes.ConsentPurpose)
def list_consent_purposes(call: Call) -> Page:
    """List what customers may be contacted for, by code."""
    after, limit = (call.after[0] if call.after else ""), call.query["limit"]
    rows = [each for each in service.list_all(call.tx) if each.code > after]
    return page_of(rows, limit, _shown, ("code",))


@operations.post(
    "/consent-purposes",
    scope="consents:configure",
    body=shapes.PurposeInput,
    returns=shapes.ConsentPurpose,
    channels=_INSIDE,
)
def add_consent_purpose(call: Call) -> Reply:
    """Add something that customers may be contacted for."""
    purpose = service.add(call.tx, call.body)
    return created(_shown(purpose), f"{call.base}/consent-purposes/{purpose.code}", purpose.version)


@operations.get(
    "/consent-purposes/<string:purpose>", scope="consents:read", returns=shapes.ConsentPurpose, channels=_INSIDE
)
def show_consent_purpose(call: Call, purpose: str) -> Reply:
    """Show one purpose."""
    row = service.get(call.tx, purpose)
    return found(_shown(row), row.version)


@operations.patch(
    "/consent-purposes/<string:purpose>",
    scope="consents:configure",
    body=shapes.PurposePatch,
    returns=shapes.ConsentPurpose,
    channels=_INSIDE,
    needs_version=True,
)
def change_consent_purpose(call: Call, purpose: str) -> Reply:
    """Change a purpose; an archived one takes no new consent and allows no contact."""
    row = service.change(call.tx, purpose, call.body, call.expected_version())
    return found(_shown(row), row.version)


def _shown(purpose: Purpose) -> dict[str, Any]:
    return show(shapes.ConsentPurpose, purpose)
