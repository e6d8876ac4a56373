"""What a person is told of the matters they have with us, as they see them themselves."""

from __future__ import annotations

from gateway.customers.telling import Rows, register

register(
    Rows(
        "matters",
        "Matters",
        "Konular",
        frozenset({"matters", "matter_entries", "matter_interactions"}),
        """
        SELECT m.number, m.subject, m.description, m.kind, m.status, m.partner, m.service_point, m.opened_at,
            m.solved_at, m.closed_at,
            (SELECT jsonb_agg(jsonb_build_object('at', e.at, 'kind', e.kind, 'text', e.text) ORDER BY e.at, e.id)
             FROM matter_entries e WHERE e.matter_id = m.id AND e.visibility = 'shared') AS entries,
            (SELECT jsonb_agg(i.interaction_id) FROM matter_interactions i WHERE i.matter_id = m.id) AS interactions
        FROM matters m WHERE m.customer_id = ANY(:ids) AND NOT m.is_internal ORDER BY m.opened_at
        """,
    )
)
