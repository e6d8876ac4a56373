"""What a person is told of partners that said they brought them, and of those they were offered to."""

from __future__ import annotations

from gateway.customers.telling import Rows, register

# Before somebody has looked, a claim that names a phone may be about whoever shares it.
register(
    Rows(
        "claims",
        "Partners that say they brought you",
        "Sizi getirdiğini bildiren iş ortakları",
        frozenset({"claims"}),
        """
        SELECT c.partner, c.scope, CASE WHEN c.status = 'approved' THEN c.person END AS person, c.submitted_at,
               c.protected_until, c.created_at FROM claims c
        WHERE c.customer_id = ANY(:ids) ORDER BY c.created_at
        """,
    )
)
register(
    Rows(
        "referrals",
        "Partners you were offered to",
        "Önerildiğiniz iş ortakları",
        frozenset({"referrals"}),
        """
        SELECT r.partner, r.scope, r.interest, r.ground, r.preview, r.status, r.offered_at, r.answered_at, r.ended_at
        FROM referrals r WHERE r.customer_id = ANY(:ids) ORDER BY r.offered_at
        """,
    )
)
