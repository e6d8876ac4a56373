"""Webhook endpoints, what each is owed, and every attempt to hand it over."""

from alembic import op

from gateway.migrations.rls import EVERYTHING, protect

revision, down_revision, branch_labels, depends_on = "0007", "0006", None, None


def upgrade() -> None:
    """Make the tables."""
    # Finished deliveries leave the one index that claiming reads, so its cost does not grow with history.
    op.execute(
        """
        CREATE TABLE webhook_endpoints (
            id uuid PRIMARY KEY,
            channel text NOT NULL CHECK (channel IN ('internet', 'extranet', 'intranet')),
            partner_id uuid REFERENCES partners (id),
            partner text,
            customer_id uuid REFERENCES customers (id) ON DELETE CASCADE,
            url text NOT NULL,
            description text NOT NULL,
            event_types text[] NOT NULL,
            status text NOT NULL CHECK (status IN ('active', 'disabled')),
            disabled_reason text,
            secret_sealed text NOT NULL,
            old_secret_sealed text,
            old_secret_until timestamptz,
            deleted_at timestamptz,
            version integer NOT NULL DEFAULT 1,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            CONSTRAINT ck_webhook_endpoints_owner CHECK (
                (partner_id IS NOT NULL) = (channel = 'extranet') AND (customer_id IS NOT NULL) = (channel = 'internet')
            )
        );
        CREATE INDEX ix_webhook_endpoints_partner_id ON webhook_endpoints (partner_id);
        CREATE INDEX ix_webhook_endpoints_customer_id ON webhook_endpoints (customer_id);

        CREATE TABLE webhook_deliveries (
            id uuid PRIMARY KEY,
            endpoint_id uuid NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
            event_id uuid NOT NULL,
            customer_id uuid,
            type text NOT NULL,
            payload text NOT NULL,
            trace text NOT NULL DEFAULT '',
            status text NOT NULL CHECK (status IN ('pending', 'delivered', 'exhausted', 'cancelled')),
            due_at timestamptz NOT NULL,
            attempts integer NOT NULL DEFAULT 0,
            attempt integer NOT NULL DEFAULT 0,
            leased_until timestamptz,
            created_at timestamptz NOT NULL,
            CONSTRAINT uq_webhook_deliveries_endpoint_id UNIQUE (endpoint_id, event_id)
        );
        CREATE INDEX ix_webhook_deliveries_due ON webhook_deliveries (endpoint_id, due_at, id)
            WHERE status = 'pending';
        CREATE INDEX ix_webhook_deliveries_exhausted ON webhook_deliveries (endpoint_id, created_at)
            WHERE status = 'exhausted';
        CREATE INDEX ix_webhook_deliveries_customer_id ON webhook_deliveries (customer_id);

        CREATE TABLE webhook_attempts (
            id uuid PRIMARY KEY,
            endpoint_id uuid NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
            event_id uuid NOT NULL,
            attempted_at timestamptz NOT NULL,
            status text NOT NULL CHECK (status IN ('delivered', 'failed', 'refused')),
            http_status smallint,
            error text,
            duration_ms integer NOT NULL
        );
        CREATE INDEX ix_webhook_attempts_endpoint_id ON webhook_attempts (endpoint_id, attempted_at, id);
        """
    )
    own = f"""{EVERYTHING}
        OR (channel = 'extranet' AND partner_id = (SELECT caller_partner())
            AND (SELECT caller_channel()) = 'extranet')
        OR (channel = 'internet' AND customer_id = (SELECT caller_customer())
            AND (SELECT caller_channel()) = 'internet')"""
    protect("webhook_endpoints", own)
    for table in ("webhook_deliveries", "webhook_attempts"):
        protect(table, f"{EVERYTHING} OR EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.id = {table}.endpoint_id)")  # noqa: S608


def downgrade() -> None:
    """Remove the tables."""
    op.execute("DROP TABLE webhook_attempts, webhook_deliveries, webhook_endpoints")
