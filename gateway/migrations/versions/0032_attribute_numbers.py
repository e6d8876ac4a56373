"""Customers are listed by numbers with a fraction: one number has one key, however it was written."""

from alembic import op

revision, down_revision, branch_labels, depends_on = "0032", "0031", None, None

_VALUES = """
    CREATE OR REPLACE FUNCTION attribute_values(said json) RETURNS SETOF text LANGUAGE sql IMMUTABLE STRICT AS $$
        SELECT left({value}, 200) FROM json_array_elements{text}(
            CASE json_typeof(said) WHEN 'array' THEN said WHEN 'object' THEN '[]'::json
            ELSE json_build_array(said) END) AS value WHERE {value} IS NOT NULL
    $$
"""
_ONE_NUMBER = """
    CASE json_typeof(value) WHEN 'number' THEN trim_scale((value #>> '{}')::numeric)::text ELSE value #>> '{}' END
"""


def upgrade() -> None:
    """Write keys of numbers in one way; none of them has a fraction yet."""
    op.execute(_VALUES.format(value=_ONE_NUMBER, text=""))


def downgrade() -> None:
    """Write numbers as they stand in the record."""
    op.execute(_VALUES.format(value="value", text="_text"))
