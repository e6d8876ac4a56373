"""Cases follow their customer at a merge; when the customer is erased they stay, without a word of what was said."""

from __future__ import annotations

from gateway.customers import erasing, moves

moves.register(moves.Rows("rights_cases", unique=("kind", "ended_at")))
_SAID = "customer_id = ANY(:ids) AND (note IS NOT NULL OR wish <> '{}' OR (reason IS NOT NULL AND kind <> 'erasure'))"
erasing.register(
    erasing.Statements(
        "rights_cases",
        {"rights_cases", "rights_steps", "erasures", "erasure_notices", "tombstones"},
        f"SELECT count(*) FROM rights_cases WHERE {_SAID}",  # noqa: S608  # the condition is ours
        f"UPDATE rights_cases SET note = NULL, wish = '{{}}', reason = NULL WHERE {_SAID}",  # noqa: S608
    )
)
