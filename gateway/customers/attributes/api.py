"""Declarations of attributes, inside: `/attributes`."""

from __future__ import annotations

from typing import Any

from gateway.channels import Channel
from gateway.customers.attributes import service
from gateway.customers.attributes.models import AttributeDefinition
from gateway.http import NO_CONTENT, Call, Operations, Reply, created, found
from gateway.paging import Page, page_of
from schemas import customer_attribute as shapes
from schemas.page import PageQuery
from schemas.projection import show

operations = Operations("Attributes")
_READ, _WRITE = "customers:read", "attributes:write"
_INSIDE = (Channel.INTRANET,)


@operations.list("/attributes", scope=_READ, channels=_INSIDE, query=PageQuery, returns=shapes.Attribute)
def list_attributes(call: Call) -> Page:
    """List the declared attributes of customers, by name."""
    limit, after = call.query["limit"], call.after
    declared = service.find(call.tx, after[0] if after else "", limit + 1)
    return page_of(declared, limit, _shown, ("name",))


@operations.post(
    "/attributes", scope=_WRITE, channels=_INSIDE, body=shapes.AttributeInput, returns=shapes.Attribute, also=(409,)
)
def declare_attribute(call: Call) -> Reply:
    """Declare an attribute: from now on it is checked in what is written, and shown in the documents.

    What records hold already stays as it is until it is written anew.
    """
    made = service.add(call.tx, call.body)
    return created(_shown(made), f"{call.base}/attributes/{made.name}", made.version)


@operations.get("/attributes/<string:attribute>", scope=_READ, channels=_INSIDE, returns=shapes.Attribute)
def show_attribute(call: Call, attribute: str) -> Reply:
    """Show one declared attribute."""
    declared = service.get(call.tx, attribute)
    return found(_shown(declared), declared.version)


@operations.patch(
    "/attributes/<string:attribute>",
    scope=_WRITE,
    channels=_INSIDE,
    body=shapes.AttributePatch,
    returns=shapes.Attribute,
    needs_version=True,
)
def change_attribute(call: Call, attribute: str) -> Reply:
    """Change titles, choices, bounds, or whether it is required."""
    changed = service.change(call.tx, attribute, call.body, call.expected_version())
    return found(_shown(changed), changed.version)


@operations.delete("/attributes/<string:attribute>", scope=_WRITE, channels=_INSIDE, also=(409,))
def remove_attribute(call: Call, attribute: str) -> Reply:
    """Take a declaration back; what customers hold stays, and may be anything again."""
    service.remove(call.tx, attribute)
    return NO_CONTENT


def _shown(declared: AttributeDefinition) -> dict[str, Any]:
    return show(shapes.Attribute, declared)
