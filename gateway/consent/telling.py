"""What a person is told of what they agreed to: every word, those that hold no more as well."""

from __future__ import annotations

from gateway.customers.telling import Rows, register

register(
    Rows(
        "consents",
        "Consents and objections",
        "İzinler ve itirazlar",
        frozenset({"consent_statements"}),
        """
        SELECT s.purpose, s.channel, s.contact_value, s.decision, s.audience, s.partner, s.said_at, s.valid_until,
            s.source, s.evidence, s.recorded_at
        FROM consent_statements s WHERE s.customer_id = ANY(:ids) ORDER BY s.said_at, s.id
        """,
    )
)
register(
    Rows(
        "consent_requests",
        "Confirmations asked for",
        "İstenen onaylar",
        frozenset({"consent_confirmations"}),
        """
        SELECT c.purpose, c.channel, c.contact_value, c.audience, c.partner, c.status, c.requested_at, c.confirmed_at
        FROM consent_confirmations c WHERE c.customer_id = ANY(:ids) ORDER BY c.requested_at
        """,
    )
)
register(
    Rows(
        "contact_preferences",
        "How you want to be contacted",
        "İletişim tercihleri",
        frozenset({"contact_preferences"}),
        """
        SELECT p.preferred_channel, p.preferred_hours, p.quiet_hours, p.time_zone, p.is_restricted, p.updated_at
        FROM contact_preferences p WHERE p.customer_id = ANY(:ids)
        """,
    )
)
register(
    Rows(
        "contacts",
        "Contacts planned or made",
        "Planlanan ve yapılan iletişim",
        frozenset({"contact_reservations"}),
        """
        SELECT r.purpose, r.channel, r.contact_at, r.status, p.code AS partner
        FROM contact_reservations r LEFT JOIN partners p ON p.id = r.partner_id
        WHERE r.customer_id = ANY(:ids) ORDER BY r.contact_at
        """,
    )
)
