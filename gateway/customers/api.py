"""The customers of every channel: `GET/POST /customers`, `GET/PATCH /customers/{id}`, and inside, their shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from gateway import audit
from gateway.channels import Channel
from gateway.customers import fields, search, service, shares
from gateway.customers.finding import walk
from gateway.customers.reads.noting import note
from gateway.errors import refuse_parameter
from gateway.http import Call, Operations, Reply, created, found
from gateway.paging import Page, read_names, read_sort
from schemas import customer as shapes
from schemas.page import RecordQuery

operations = Operations("Customers")

Related = Callable[[Call, list[UUID]], dict[UUID, list[dict[str, Any]]]]
# What `include=` can nest, by name, and on which channels; features above add their own.
RELATED: dict[str, tuple[frozenset[Channel], Related]] = {
    "partners": (frozenset({Channel.INTRANET}), lambda call, ids: shares.of(call.tx, ids))
}


@operations.list(
    "/customers",
    scope="customers:read",
    query=shapes.CustomerQuery,
    returns=shapes.Customer,
    channels=(Channel.INTERNET, Channel.EXTRANET),
)
def list_customers(call: Call) -> Page:
    """List the customers you may see.

    Text is found in Turkish and in plain-ASCII spelling; words may stand in any order and be cut short. Without `sort`
    what is most like the text comes first, and a typing error in a longer word is forgiven after everything else.
    """
    seen = fields.seen_by(call.caller)
    names = read_names(call.query.get("fields_"), seen, "fields") or seen
    included = _included(call)
    page = _page(call, names if "id" in names else ("id", *names))
    note(call.tx, "customers", (each["id"] for each in page.items))
    _include(call, page.items, included)
    if "id" not in names and not included:
        page = Page([{name: each[name] for name in names} for each in page.items], page.last_key)
    if call.caller.is_person:
        audit.record(call.tx, "customers.listed", "customer", "", {"shown": len(page.items)})
    return page


operations.list(
    "/customers",
    scope="customers:read",
    query=shapes.InternalCustomerQuery,
    returns=shapes.Customer,
    channels=(Channel.INTRANET,),
)(list_customers)


@operations.post(
    "/customers",
    scope="customers:write",
    body=shapes.CustomerInput,
    returns=shapes.Customer,
    fields_of=fields.writable_by,
    channels=(Channel.EXTRANET, Channel.INTRANET),
)
def create_customer(call: Call) -> Reply:
    """Make a customer.

    A partner's create always makes a record of its own, shared with that partner.
    """
    row = service.create(call.tx, call.body)
    return created(_shown(call, row), f"{call.base}/customers/{row['id']}", row["version"])


@operations.get("/customers/<id:customer_id>", scope="customers:read", query=RecordQuery, returns=shapes.Customer)
def show_customer(call: Call, customer_id: UUID) -> Reply:
    """Show one customer."""
    seen = fields.seen_by(call.caller)
    names = read_names(call.query.get("fields_"), seen, "fields") or seen
    included = _included(call)
    record = search.get(call.tx, customer_id, (*names, *({"id", "version"} - set(names))))
    version = record["version"]
    shown = record if len(names) == len(record) else {name: record[name] for name in names}
    if included:
        nested = {"id": customer_id}
        _include(call, [nested], included)
        shown |= {name: nested[name] for name in included}
    if call.caller.is_person:
        audit.record(call.tx, "customer.read", "customer", customer_id)
    return found(shown, version)


@operations.patch(
    "/customers/<id:customer_id>",
    scope="customers:write",
    body=shapes.CustomerInput,
    returns=shapes.Customer,
    fields_of=fields.writable_by,
    needs_version=True,
    also=(409,),
)
def change_customer(call: Call, customer_id: UUID) -> Reply:
    """Change a customer by JSON merge patch; lists are replaced whole."""
    row = service.change(call.tx, customer_id, call.body, call.expected_version())
    return found(_shown(call, row), row["version"])


def _page(call: Call, names: tuple[str, ...]) -> Page:
    sort, limit = call.query.get("sort"), call.query["limit"]
    search.check_filters(call.tx, call.query)
    if sort is None and "q" in call.query:
        return walk.find(call.tx, names, call.query, call.after, limit)
    return search.find(call.tx, names, read_sort(sort, search.SORTS, "created_at"), call.query, call.after, limit)


def _shown(call: Call, row: dict[str, Any]) -> dict[str, Any]:
    shown = {name: row[name] for name in fields.seen_by(call.caller)}
    return fields.cut(shown, fields.hidden_from(call.tx, fields.side_of(call.caller)))


def _included(call: Call) -> tuple[str, ...]:
    asked = call.query.get("include")
    if asked is None:
        return ()
    allowed = tuple(name for name, (channels, _) in RELATED.items() if call.channel in channels)
    names = read_names(asked, allowed, "include")
    if not names:
        raise refuse_parameter("include", "empty", "Name at least one relation.")
    return names


def _include(call: Call, items: list[dict[str, Any]], included: tuple[str, ...]) -> None:
    for name in included:
        related = RELATED[name][1](call, [item["id"] for item in items])
        for item in items:
            item[name] = related.get(item["id"], [])
