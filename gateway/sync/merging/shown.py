"""Sources, conflicts and the provenance of records as people read them: links and partners by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction
from gateway.sync.merging.models import SyncConflict
from schemas import sync_conflict as shapes
from schemas.projection import show

_LINKS = Query(text("SELECT l.id::text, l.name, p.code FROM sync_links l JOIN partners p ON p.id = l.partner_id"))
_SOURCES = Query(text("SELECT id, sources FROM customers WHERE id = ANY(:ids)"))
Names = dict[str, tuple[str, str]]


def conflicts_form(tx: Transaction, conflicts: Sequence[SyncConflict]) -> list[dict[str, Any]]:
    """Conflicts as `schemas.sync_conflict.Conflict`."""
    names = _names(tx)
    return [
        show(shapes.Conflict, each, link=names[str(each.link_id)][0], our_source=_origin(names, each.our_source))
        for each in conflicts
    ]


def sources_form(tx: Transaction, customer_ids: Iterable[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """Where each customer's fields came from and when; the field `*` stands for all that are not named."""
    names = _names(tx)
    return {
        customer_id: [
            {"field": path or "*", **_origin(names, source), "at": at} for path, (source, at) in sorted(sources.items())
        ]
        for customer_id, sources in tx.rows(_SOURCES, ids=list(customer_ids))
    }


def _names(tx: Transaction) -> Names:
    return {link_id: (name, code) for link_id, name, code in tx.rows(_LINKS)}


def _origin(names: Names, source: str) -> dict[str, Any]:
    link, partner = names.get(source, (None, None))
    if source.startswith("partner:"):
        partner = source.removeprefix("partner:")
    return {"source": source, "link": link, "partner": partner}
