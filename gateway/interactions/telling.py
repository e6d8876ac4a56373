"""What a person is told of their dealings with us: all but what is marked internal.

That is the house's own thinking, often about others as well; the report says how much of it there is, and whoever
answers the request can add what the person has a right to.
"""

from __future__ import annotations

from gateway.customers.telling import Rows, register

register(
    Rows(
        "interactions",
        "Interactions",
        "Görüşmeler ve işlemler",
        frozenset({"interactions"}),
        """
        SELECT i.id, i.partner, i.channel, i.kind, i.direction, i.occurred_at, i.subject, i.body, i.outcome, i.agent,
            i.satisfaction, i.amount_value, i.amount_currency, i.products, i.attributes, i.created_at, i.updated_at
        FROM interactions i WHERE i.customer_id = ANY(:ids) AND i.visibility <> 'internal' ORDER BY i.occurred_at
        """,
    )
)
register(
    Rows(
        "withheld",
        "Withheld: marked internal",
        "Verilmeyenler: iç kayıtlar",
        frozenset(),
        """
        SELECT 'interactions' AS of, count(*) AS number FROM interactions i
        WHERE i.customer_id = ANY(:ids) AND i.visibility = 'internal' HAVING count(*) > 0
        """,
    )
)
