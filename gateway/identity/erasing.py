"""What matching keeps of a person, and the rows that merges have kept whole."""

from __future__ import annotations

from gateway.customers import erasing

# A merge of the person can no longer be undone; the case keeps every id that it had.
_MERGES = "(keep_id = ANY(:ids) OR lose_id = ANY(:ids))"

erasing.register(
    erasing.Statements(
        "identity_pairs",
        {"identity_pairs"},
        "SELECT count(*) FROM identity_pairs WHERE first_id = ANY(:ids) OR second_id = ANY(:ids)",
        "DELETE FROM identity_pairs WHERE first_id = ANY(:ids) OR second_id = ANY(:ids)",
    )
)
# Terms of names that three bear or more tell of nobody; those of fewer are not kept (`weighing.terms`).
erasing.register(
    erasing.Statements(
        "identity_profiles",
        {"identity_profiles", "identity_blocks", "identity_terms"},
        "SELECT count(*) FROM identity_profiles WHERE customer_id = ANY(:ids)",
        """
        DELETE FROM identity_terms t USING identity_profiles p
        WHERE p.customer_id = ANY(:ids) AND t.term = ANY(p.terms) AND t.count <= 3
        """,
        """
        DELETE FROM identity_blocks b USING identity_profiles p
        WHERE p.customer_id = ANY(:ids) AND b.key = ANY(p.keys) AND b.number = p.number
        """,
        "DELETE FROM identity_profiles WHERE customer_id = ANY(:ids)",
    )
)
erasing.register(
    erasing.Statements(
        "merges",
        {"merges", "merge_moves"},
        f"SELECT count(*) FROM merges WHERE {_MERGES}",  # noqa: S608  # the condition is ours
        f"DELETE FROM merges WHERE {_MERGES}",  # noqa: S608
    ),
    order=3,
)
