"""What a person is told of records of theirs that were joined; one that was taken apart again is somebody else's."""

from __future__ import annotations

from gateway.customers.telling import Rows, register

register(
    Rows(
        "merges",
        "Records that were joined",
        "Birleştirilen kayıtlar",
        frozenset({"merges"}),
        """
        SELECT m.keep_id AS kept, m.lose_id AS joined, m.lost ->> 'display_name' AS joined_name, m.created_at AS at
        FROM merges m WHERE (m.keep_id = ANY(:ids) OR m.lose_id = ANY(:ids)) AND m.undone_at IS NULL
        ORDER BY m.created_at
        """,
    )
)
