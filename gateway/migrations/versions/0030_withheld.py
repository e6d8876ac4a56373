"""While the processing of a customer's data is restricted, no partner is shown it."""

from alembic import op

from gateway.migrations.rls import EVERYTHING

revision, down_revision, branch_labels, depends_on = "0030", "0029", None, None

_OWN = "partner_id = (SELECT caller_partner())"
_POLLED = """
    ((SELECT caller_channel()) = 'extranet' AND (SELECT caller_partner()) = ANY(partners) AND (
        customer_id IS NULL OR type IN ({told}) OR EXISTS (
            SELECT 1 FROM shares s
            WHERE s.customer_id = events.customer_id AND s.partner_id = (SELECT caller_partner()))))
    OR ((SELECT caller_channel()) = 'internet' AND is_for_customer AND customer_id = (SELECT caller_customer()))
"""
_ENDS = "'customer.unshared', 'customer.deleted'"
# What a merge has put aside is kept as the text of a row, its columns in their order.
_ASIDE = """
    UPDATE merge_moves SET kept = jsonb_set(kept::jsonb, '{{aside}}', coalesce((
        SELECT jsonb_agg(jsonb_set(a, '{{row}}', to_jsonb({row}))) FROM jsonb_array_elements(kept::jsonb -> 'aside') a),
        '[]'))::json
    WHERE name = 'shares';
"""


def upgrade() -> None:
    """Mark shares by which nothing may be shown for the time being."""
    op.execute(
        f"""
        ALTER TABLE shares ADD COLUMN is_withheld boolean NOT NULL DEFAULT false;
        UPDATE shares SET is_withheld = true
            WHERE customer_id IN (SELECT customer_id FROM restrictions WHERE lifted_at IS NULL);
        {_ASIDE.format(row="left(a ->> 'row', -1) || ',f)'")}
        ALTER POLICY shares_rows ON shares USING ({EVERYTHING} OR ({_OWN} AND NOT is_withheld));
        ALTER POLICY events_polled ON events USING (
            {_POLLED.format(told=f"{_ENDS}, 'restriction.began', 'restriction.lifting_announced'")});
        """  # noqa: S608  # our own text
    )


def downgrade() -> None:
    """Show partners everybody that is shared with them."""
    op.execute(
        f"""
        ALTER POLICY events_polled ON events USING ({_POLLED.format(told=_ENDS)});
        ALTER POLICY shares_rows ON shares USING ({EVERYTHING} OR {_OWN});
        {_ASIDE.format(row="regexp_replace(a ->> 'row', ',[tf][)]$', ')')")}
        ALTER TABLE shares DROP COLUMN is_withheld;
        """
    )
