"""What a partner is sent: the record as that partner may see it, in the shape that connectors write."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from gateway.channels import Channel
from gateway.customers import bulk as customers
from gateway.customers import fields as customer_fields
from gateway.customers.attributes.rules import Side
from gateway.db import Query, Transaction
from gateway.interactions import bulk as interactions
from gateway.interactions import fields as interaction_fields
from gateway.interactions.service import wire_form
from gateway.sync import crossref
from gateway.sync.work import Link

Payload = dict[str, Any]
# The hub's own affairs, and what the partner's system decides for itself.
_NOT_SENT = frozenset({"id", "customer_id", "partner", "display_name", "version", "created_at", "updated_at"})

_CUSTOMERS = Query(
    text("SELECT customer_id FROM shares WHERE customer_id = ANY(:ids) AND partner_id = :partner AND NOT is_withheld")
)
_INTERACTIONS = Query(
    text(
        """
        SELECT i.id FROM interactions i
        JOIN shares s ON s.customer_id = i.customer_id AND s.partner_id = :partner AND NOT s.is_withheld
        WHERE i.id = ANY(:ids)
          AND (i.visibility = 'shared' OR (i.visibility = 'partner' AND i.partner_id = :partner))
        """
    )
)


def of_customers(tx: Transaction, link: Link, ids: Iterable[UUID]) -> dict[UUID, Payload]:
    """The customers as the partner may see them; those it may not see are absent."""
    visible = _visible(tx, _CUSTOMERS, link, ids)
    payloads, hidden = {}, customer_fields.hidden_from(tx, Side(Channel.EXTRANET, link.granted_fields))
    for customer_id, row in customers.fetch(tx, visible).items():
        shown = customer_fields.narrow(customers.wire_form(row), Channel.EXTRANET, link.granted_fields, hidden)
        shown["contact_points"] = [_without(point, {"id"}) for point in shown["contact_points"]]
        payloads[customer_id] = _plain(_without(shown, _NOT_SENT))
    return payloads


def of_interactions(tx: Transaction, link: Link, ids: Iterable[UUID]) -> dict[UUID, Payload]:
    """The interactions as the partner may see them; `customer_external_id` is None while it lacks the customer."""
    rows = interactions.fetch(tx, _visible(tx, _INTERACTIONS, link, ids))
    named = crossref.named(tx, link.id, "customers", {row["customer_id"] for row in rows.values()})
    payloads = {}
    for interaction_id, row in rows.items():
        shown = interaction_fields.narrow(wire_form(row), Channel.EXTRANET, link.granted_fields)
        known_as = {"customer_external_id": named.get(row["customer_id"])}
        payloads[interaction_id] = _plain(_without(shown, _NOT_SENT) | known_as)
    return payloads


BUILDERS = {"customers": of_customers, "interactions": of_interactions}


def cut(payload: Payload, op: str, changed: Iterable[str]) -> Payload:
    """What is sent: of a new record all that is not empty, of a known one what changed (all where nothing is named)."""
    if op == "create":
        return {name: value for name, value in payload.items() if value not in (None, [], {})}
    names = frozenset("customer_external_id" if name == "customer_id" else name for name in changed)
    return {name: value for name, value in payload.items() if not names or name in names}


def _visible(tx: Transaction, query: Query, link: Link, ids: Iterable[UUID]) -> list[UUID]:
    return [record_id for (record_id,) in tx.rows(query, ids=list(ids), partner=link.partner_id)]


def _without(record: Payload, names: Iterable[str]) -> Payload:
    return {name: value for name, value in record.items() if name not in names}


def _plain(record: Payload) -> Payload:
    """The record as plain JSON, as a connector takes it."""
    plain: Payload = orjson.loads(orjson.dumps(record, option=orjson.OPT_UTC_Z))
    return plain
