"""Nothing that belongs to a customer is left behind: every table that names one is moved, or says why not."""

from __future__ import annotations

from flask import Flask

from gateway.customers import moves
from tests.sync.conftest import rows

# Made afresh from the customer, or the merge itself.
DERIVED = {"attribute_keys", "customer_keys", "identity_profiles", "merges"}
_NAMING = """
    SELECT c.table_name, c.column_name FROM information_schema.columns c
    JOIN pg_tables t ON t.tablename = c.table_name AND t.schemaname = 'public'
    WHERE c.table_schema = 'public' AND (c.column_name = 'customer_id' OR c.column_name LIKE '%\\_customer\\_id')
"""
_FOLLOWING = """
    SELECT conrelid::regclass::text FROM pg_constraint
    WHERE contype = 'f' AND confrelid = 'customers'::regclass
"""


def moved() -> set[str]:
    return {table for move in moves.registered() for table in move.tables}


def test_every_table_that_names_a_customer_is_moved_or_history(app: Flask) -> None:
    naming = {table for table, _ in rows(_NAMING)}
    assert naming - DERIVED == (moved() & naming) | (moves.HISTORY & naming)
    assert naming >= moves.HISTORY


def test_what_would_be_deleted_with_a_customer_is_moved_before(app: Flask) -> None:
    assert {table for (table,) in rows(_FOLLOWING)} <= moved()


def test_no_two_moves_have_one_name(app: Flask) -> None:
    names = [move.name for move in moves.registered()]
    assert len(names) == len(set(names))
