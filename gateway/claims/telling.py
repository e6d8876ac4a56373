"""What a person is told of partners that said they brought them: who, and what they said of the person."""

from __future__ import annotations

from gateway.customers.telling import Rows, register

register(
    Rows(
        "claims",
        "Partners that say they brought you",
        "Sizi getirdiğini bildiren iş ortakları",
        frozenset({"claims"}),
        """
        SELECT c.partner, c.scope, c.person, c.submitted_at, c.protected_until, c.created_at FROM claims c
        WHERE c.customer_id = ANY(:ids) ORDER BY c.created_at
        """,
    )
)
