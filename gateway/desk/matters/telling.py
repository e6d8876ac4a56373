"""Telling of a matter: those who may see it, and of a change only those who may see what changed."""

from __future__ import annotations

from collections.abc import Collection

from gateway.channels import Channel
from gateway.consent.statements.service import PARTNERS_SHARING
from gateway.db import Transaction
from gateway.desk.matters import search
from gateway.desk.matters.models import Matter
from gateway.outbox import Event, record
from schemas.matter import PublicMatter

NOTE_TO_PARTNER, NOTE_TO_ALL = "note_to_partner", "note_to_all"
_FOR_CUSTOMER = frozenset(PublicMatter._declared_fields) - {"version", "updated_at"} | {NOTE_TO_ALL}
_FOR_PARTNER = _FOR_CUSTOMER | {"priority", "due_at", "first_response_due_at", NOTE_TO_PARTNER}


def tell(tx: Transaction, event_type: str, matter: Matter, changed: Collection[str] = ()) -> None:
    """Record that a matter was opened, changed (in these fields) or closed."""
    is_for_partner = not changed or not _FOR_PARTNER.isdisjoint(changed)
    is_for_customer = not changed or not _FOR_CUSTOMER.isdisjoint(changed)
    event = Event(
        type=event_type,
        resource_id=matter.id,
        customer_id=matter.customer_id,
        record=search.shown(matter, Channel.INTRANET),
        partners=[matter.partner_id] if matter.partner_id and is_for_partner and _is_shared(tx, matter) else [],
        is_for_customer=is_for_customer and not matter.is_internal,
    )
    record(tx, event)


def _is_shared(tx: Transaction, matter: Matter) -> bool:
    row = tx.first(PARTNERS_SHARING, id=matter.customer_id)
    return row is not None and matter.partner_id in row[0]
