"""Long work in the background that can be followed and cancelled, and how long messages are kept."""

from alembic import op

from gateway.migrations.rls import EVERYTHING, protect

revision, down_revision, branch_labels, depends_on = "0017", "0016", None, None


def upgrade() -> None:
    """Make the tables, and index messages for those who look for them."""
    op.execute(
        """
        CREATE TABLE operations (
            id uuid PRIMARY KEY,
            kind text NOT NULL,
            channel text NOT NULL CHECK (channel IN ('internet', 'extranet', 'intranet')),
            partner_id uuid REFERENCES partners (id) ON DELETE CASCADE,
            customer_id uuid REFERENCES customers (id) ON DELETE CASCADE,
            started_by text NOT NULL,
            status text NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
            total bigint,
            done bigint NOT NULL DEFAULT 0,
            failed bigint NOT NULL DEFAULT 0,
            options jsonb NOT NULL,
            cursor jsonb NOT NULL,
            result jsonb,
            error text,
            tries integer NOT NULL DEFAULT 0,
            due_at timestamptz NOT NULL,
            attempt integer NOT NULL DEFAULT 0,
            leased_until timestamptz,
            cancel_asked_at timestamptz,
            created_at timestamptz NOT NULL,
            started_at timestamptz,
            finished_at timestamptz,
            CONSTRAINT ck_operations_owner CHECK (
                (partner_id IS NOT NULL) = (channel = 'extranet') AND (customer_id IS NOT NULL) = (channel = 'internet')
            ),
            CONSTRAINT ck_operations_finished CHECK (
                (finished_at IS NOT NULL) = (status NOT IN ('queued', 'running'))
            )
        );
        CREATE INDEX ix_operations_due ON operations (due_at) WHERE status IN ('queued', 'running');
        CREATE INDEX ix_operations_customer_id ON operations (customer_id) WHERE customer_id IS NOT NULL;

        -- What arrives at the first try enters none of those for failures. An attempt is looked for below its endpoint,
        -- by its time, which its id tells too, or by its event.
        DROP INDEX ix_webhook_deliveries_exhausted;
        CREATE INDEX ix_webhook_deliveries_failed ON webhook_deliveries (endpoint_id, event_id)
            WHERE status IN ('exhausted', 'expired') OR (status IN ('pending', 'held') AND attempts > 0);
        DROP INDEX ix_webhook_attempts_endpoint_id;
        ALTER TABLE webhook_attempts DROP CONSTRAINT webhook_attempts_pkey,
            ADD PRIMARY KEY (endpoint_id, attempted_at, id);
        CREATE INDEX ix_webhook_attempts_event_id ON webhook_attempts (endpoint_id, event_id);
        CREATE INDEX ix_webhook_attempts_failed ON webhook_attempts (endpoint_id, attempted_at, id)
            WHERE status <> 'delivered';

        -- One row for each partner with terms of its own, and one without a partner for everybody else.
        CREATE TABLE webhook_retentions (
            id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            partner_id uuid REFERENCES partners (id) ON DELETE CASCADE,
            payload_days integer CHECK (payload_days > 0),
            log_days integer CHECK (log_days > 0),
            version integer NOT NULL DEFAULT 1,
            emptied_to uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
            removed_to uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
            CONSTRAINT uq_webhook_retentions_partner_id UNIQUE NULLS NOT DISTINCT (partner_id)
        );
        """
    )
    protect("webhook_retentions")
    protect(
        "operations",
        f"""{EVERYTHING}
        OR (channel = 'extranet' AND partner_id = (SELECT caller_partner())
            AND (SELECT caller_channel()) = 'extranet')
        OR (channel = 'internet' AND customer_id = (SELECT caller_customer())
            AND (SELECT caller_channel()) = 'internet')""",
    )


def downgrade() -> None:
    """Remove them."""
    op.execute(
        """
        DROP TABLE operations, webhook_retentions;
        DROP INDEX ix_webhook_deliveries_failed, ix_webhook_attempts_event_id, ix_webhook_attempts_failed;
        CREATE INDEX ix_webhook_deliveries_exhausted ON webhook_deliveries (endpoint_id, created_at)
            WHERE status = 'exhausted';
        ALTER TABLE webhook_attempts DROP CONSTRAINT webhook_attempts_pkey, ADD PRIMARY KEY (id);
        CREATE INDEX ix_webhook_attempts_endpoint_id ON webhook_attempts (endpoint_id, attempted_at, id);
        """
    )
