"""What a person is told of partners' own records of them: where they are kept, and what those said last."""

from __future__ import annotations

from gateway.customers.telling import Rows, register

register(
    Rows(
        "partner_records",
        "Records at partners",
        "İş ortaklarındaki kayıtlar",
        frozenset({"sync_references"}),
        """
        SELECT p.code AS partner, r.external_id, r.known_since, r.first_sent_at, r.last_sent_at, r.deleted_at,
            convert_from(r.said, 'UTF8')::jsonb AS said
        FROM sync_references r JOIN sync_links l ON l.id = r.link_id JOIN partners p ON p.id = l.partner_id
        WHERE r.record_id = ANY(:ids) AND r.stream = 'customers' ORDER BY r.known_since
        """,
    )
)
register(
    Rows(
        "conflicts",
        "Differences between records",
        "Kayıtlar arasındaki farklar",
        frozenset({"sync_conflicts"}),
        """
        SELECT c.field, c.ours, c.theirs, c.status, c.created_at FROM sync_conflicts c
        WHERE c.customer_id = ANY(:ids) ORDER BY c.created_at
        """,
    )
)
