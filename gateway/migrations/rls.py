"""Row-level security, declared once per table by the steps that make the tables."""

from __future__ import annotations

from alembic import op

EVERYTHING = "(SELECT caller_channel()) IN ('intranet', 'system')"
ANYBODY = "(SELECT caller_channel()) IS NOT NULL"
SYSTEM = "(SELECT caller_channel()) = 'system'"


def protect(table: str, sees: str = EVERYTHING, writes: str | None = None) -> None:
    """Force row-level security on `table`: `sees` decides rows read, changed and deleted, `writes` rows made.

    FORCE binds the owner too, so the one role of a simple installation cannot look past it.
    """
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY {table}_rows ON {table} USING ({sees}) WITH CHECK ({writes or sees})")


def keep(table: str) -> None:
    """Let only the house delete rows of `table`: who may see and change a record may still not end it."""
    op.execute(f"CREATE POLICY {table}_kept ON {table} AS RESTRICTIVE FOR DELETE USING ({EVERYTHING})")
