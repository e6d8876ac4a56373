"""`/dispositions`: how contacts may end."""

from __future__ import annotations

from typing import Any

from gateway.channels import Channel
from gateway.desk.contacts import dispositions
from gateway.desk.contacts.models import Disposition
from gateway.http import Call, Operations, Reply, created, found
from gateway.paging import Page, page_of
from schemas import disposition as shapes
from schemas.page import PageQuery
from schemas.projection import show

operations = Operations("Desk")

_INSIDE: dict[str, Any] = {"returns": shapes.Disposition, "channels": (Channel.INTRANET,)}
_ONE = "/dispositions/<string:disposition>"


@operations.list("/dispositions", scope="interactions:read", query=PageQuery, **_INSIDE)
def list_dispositions(call: Call) -> Page:
    """List how contacts may end, by code."""
    after, limit = (call.after[0] if call.after else ""), call.query["limit"]
    rows = [each for each in dispositions.list_all(call.tx) if each.code > after]
    return page_of(rows, limit, _shown, ("code",))


@operations.post("/dispositions", scope="desk:configure", body=shapes.DispositionInput, **_INSIDE)
def add_disposition(call: Call) -> Reply:
    """Add a way in which contacts may end."""
    row = dispositions.add(call.tx, call.body)
    return created(_shown(row), f"{call.base}/dispositions/{row.code}", row.version)


@operations.get(_ONE, scope="interactions:read", **_INSIDE)
def show_disposition(call: Call, disposition: str) -> Reply:
    """Show one disposition."""
    row = dispositions.get(call.tx, disposition)
    return found(_shown(row), row.version)


@operations.patch(_ONE, scope="desk:configure", body=shapes.DispositionPatch, needs_version=True, **_INSIDE)
def change_disposition(call: Call, disposition: str) -> Reply:
    """Change a disposition; no contact ends in an archived one."""
    row = dispositions.change(call.tx, disposition, call.body, call.expected_version())
    return found(_shown(row), row.version)


def _shown(row: Disposition) -> dict[str, Any]:
    return show(shapes.Disposition, row)
