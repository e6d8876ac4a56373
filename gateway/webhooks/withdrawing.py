"""What a partner is no longer shown it is not told either: what still waits is withdrawn, and nothing is told again.

What was delivered stays so: sent again, it tells its owner nothing new.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction
from gateway.outbox import StoredEvent
from schemas.event_catalogue import EVENT_TYPES

# Of these the caller is told while it may see the record; of an end, which has none any more, in any case.
INTERACTIONS = tuple(each.name for each in EVENT_TYPES.values() if each.noun == "interaction" and each.path)
MATTERS = tuple(each.name for each in EVENT_TYPES.values() if each.noun == "matter" and each.path)

_WAITS = "d.status IN ('pending', 'held', 'exhausted') AND e.id = d.endpoint_id AND e.channel = 'extranet'"
_WITHDRAW_CUSTOMERS = Query(
    text(
        f"""
        UPDATE webhook_deliveries d SET status = 'cancelled' FROM webhook_endpoints e
        WHERE {_WAITS} AND d.type <> ALL(CAST(:told_anyway AS text[]))
          AND d.customer_id IN (SELECT unnest(former_ids(i.id)) FROM unnest(CAST(:ids AS uuid[])) AS i (id))
          AND NOT EXISTS (SELECT 1 FROM shares s WHERE s.partner_id = e.partner_id AND NOT s.is_withheld
                          AND s.customer_id = coalesce(survivor_of(d.customer_id), d.customer_id))
        """  # noqa: S608  # conditions are ours
    )
)
_WITHDRAW_INTERACTION = Query(
    text(
        f"""
        UPDATE webhook_deliveries d SET status = 'cancelled' FROM webhook_endpoints e
        WHERE {_WAITS} AND d.type = ANY(CAST(:types AS text[]))
          AND d.customer_id IN (SELECT unnest(former_ids(CAST(:customer AS uuid))))
          AND CAST(d.payload AS json) #>> '{{data,id}}' = :interaction
          AND NOT e.partner_id = ANY(CAST(:partners AS uuid[]))
        """  # noqa: S608
    )
)
_SEEN = Query(
    text(
        """
        SELECT id FROM interactions WHERE id = ANY(:ids)
          AND (visibility = 'shared' OR (visibility = 'partner' AND partner_id = :partner))
        """
    )
)


def withdraw_customers(tx: Transaction, ids: Iterable[UUID | None], told_anyway: Iterable[str]) -> None:
    """Cancel what partners wait for about customers whom they are not shown now, but for these types."""
    tx.run(_WITHDRAW_CUSTOMERS, ids=list(ids), told_anyway=list(told_anyway))


def withdraw_interaction(tx: Transaction, event: StoredEvent) -> None:
    """Cancel what partners wait for about an interaction that others alone may see since it was corrected."""
    tx.run(
        _WITHDRAW_INTERACTION,
        types=list(INTERACTIONS),
        customer=event.customer_id,
        interaction=str(event.resource_id),
        partners=event.partners,
    )


def still_seen(tx: Transaction, events: Sequence[StoredEvent], partner_id: UUID | None) -> list[StoredEvent]:
    """The events without those about interactions that a partner may not see now."""
    ids = [event.resource_id for event in events if event.type in INTERACTIONS]
    seen = {row[0] for row in tx.rows(_SEEN, ids=ids, partner=partner_id)} if ids else set()
    return [event for event in events if event.type not in INTERACTIONS or event.resource_id in seen]
