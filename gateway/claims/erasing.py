"""What an erasure does to claims: no partner can tell by its claim whether the house knew the person.

A claim to somebody whom its partner was not shown stays, emptied of all that the partner does not see anyway, and goes
on to its end like any other. Who was shown the person is told of the erasure, and those claims go.
"""

from __future__ import annotations

from gateway.customers.erasing import Statements, holds, register

_TOLD = f"customer_id IS NULL AND {holds('person::text || evidence::text || coalesce(note, scope)')}"
_OF_PERSON = f"(customer_id = ANY(:ids) OR ({_TOLD}))"
_KNOWS = "(is_named OR told IS NULL OR protected_until IS NOT NULL)"
_EMPTIED = f"""
    customer_id = NULL, person = '{{}}', keys = '{{}}', evidence = '[]', note = NULL, decision_note = NULL,
    scope = CASE WHEN {holds("scope")} THEN 'all' ELSE scope END,
    scope_key = CASE WHEN {holds("scope")} THEN 'all' ELSE scope_key END
"""

register(
    Statements(
        "claims",
        {"claims"},
        f"SELECT count(*) FROM claims WHERE {_OF_PERSON}",  # noqa: S608  # our own text
        f"DELETE FROM claims WHERE {_OF_PERSON} AND {_KNOWS}",  # noqa: S608
        f"UPDATE claims SET {_EMPTIED} WHERE {_OF_PERSON}",  # noqa: S608
    )
)
