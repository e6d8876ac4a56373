"""While the processing of a customer's data is restricted, no partner fetches a file that may hold it."""

from alembic import op

revision, down_revision, branch_labels, depends_on = "0031", "0030", None, None


def upgrade() -> None:
    """Have the access log say whether a partner's files may hold somebody who is restricted."""
    op.execute(
        """
        -- Past the caller's rows on purpose: a partner learns this of its own exports alone, and not whom they hold.
        -- What was read is looked for in both places in one statement, for it may be filed meanwhile.
        CREATE FUNCTION exported_restricted(since timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
        DECLARE caller text := caller_channel(); asking uuid := caller_partner(); found boolean;
        BEGIN
            PERFORM set_config('kopru.channel', 'system', true);
            WITH RECURSIVE hidden AS (
                SELECT r.customer_id AS id FROM restrictions r WHERE r.lifted_at IS NULL
                UNION
                SELECT m.lose_id FROM hidden h JOIN merges m ON m.keep_id = h.id AND m.undone_at IS NULL)
            SELECT EXISTS (
                SELECT FROM hidden h JOIN access_log a ON a.customer_id = h.id
                WHERE a.hour >= date_trunc('hour', since, 'UTC') AND a.partner_id = asking AND a.what = 'exports'
            ) OR EXISTS (
                SELECT FROM reads n, hidden h
                WHERE convert_from(n.who, 'UTF8')::jsonb @> jsonb_build_object('partner_id', asking, 'what', 'exports')
                    AND position(uuid_send(h.id) IN n.customers) > 0
            ) INTO found;
            PERFORM set_config('kopru.channel', coalesce(caller, ''), true);
            RETURN found;
        END $$;
        """
    )


def downgrade() -> None:
    """Let partners fetch whatever they had written before."""
    op.execute("DROP FUNCTION exported_restricted(timestamptz)")
