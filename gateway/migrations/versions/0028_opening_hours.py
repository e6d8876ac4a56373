"""Opening hours of queues."""

from alembic import op

revision, down_revision, branch_labels, depends_on = "0028", "0027", None, None


def upgrade() -> None:
    """Add the column, and a way to ask for it."""
    op.execute(
        """
        ALTER TABLE desk_queues ADD COLUMN opening_hours jsonb;

        -- It looks past the caller's rows on purpose: a customer's word starts the clock of their matter again.
        CREATE FUNCTION queue_opening_hours(queue uuid) RETURNS jsonb LANGUAGE plpgsql AS $$
        DECLARE caller text := caller_channel(); hours jsonb;
        BEGIN
            PERFORM set_config('kopru.channel', 'system', true);
            hours := (SELECT opening_hours FROM desk_queues WHERE id = queue);
            PERFORM set_config('kopru.channel', caller, true);
            RETURN hours;
        END $$;
        """
    )


def downgrade() -> None:
    """Remove them."""
    op.execute(
        """
        DROP FUNCTION queue_opening_hours(uuid);
        ALTER TABLE desk_queues DROP COLUMN opening_hours;
        """
    )
