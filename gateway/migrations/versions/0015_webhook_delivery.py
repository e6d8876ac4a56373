"""Deliveries with an order, a pace for each endpoint, and attempts that tell all."""

from alembic import op

from gateway.migrations.rls import EVERYTHING, protect

revision, down_revision, branch_labels, depends_on = "0015", "0014", None, None


def upgrade() -> None:
    """Number deliveries as they were owed, hold those of disabled endpoints, and keep what a receiver answered."""
    op.execute(
        """
        -- Fan-out is one at a time, so `seq` follows the order of the events. A lane is what is kept in order: what an
        -- endpoint is told of one customer. Lanes are hashed so that a scan may begin anywhere among them.
        ALTER TABLE webhook_deliveries
            ADD COLUMN seq bigint GENERATED ALWAYS AS IDENTITY,
            ADD COLUMN lane bigint GENERATED ALWAYS AS (
                uuid_hash_extended(coalesce(customer_id, endpoint_id), 0)) STORED,
            ADD COLUMN trigger text NOT NULL DEFAULT 'schedule',
            ALTER COLUMN payload DROP NOT NULL,
            DROP CONSTRAINT webhook_deliveries_status_check,
            ADD CONSTRAINT webhook_deliveries_status_check
                CHECK (status IN ('pending', 'held', 'delivered', 'exhausted', 'cancelled', 'expired'));
        CREATE INDEX ix_webhook_deliveries_order ON webhook_deliveries (endpoint_id, lane, seq)
            WHERE status IN ('pending', 'held');
        CREATE INDEX ix_webhook_deliveries_held ON webhook_deliveries (endpoint_id, seq) WHERE status = 'held';

        ALTER TABLE webhook_attempts
            ADD COLUMN number integer NOT NULL DEFAULT 1,
            ADD COLUMN trigger text NOT NULL DEFAULT 'schedule',
            ADD COLUMN customer_id uuid,
            ADD COLUMN url text NOT NULL DEFAULT '',
            ADD COLUMN address text,
            ADD COLUMN response_headers jsonb,
            ADD COLUMN response_body bytea;

        -- What the delivering side knows of an endpoint; apart from it, for it changes with every batch. `tokens` may
        -- be sent at once since `drawn_at`; `openings` counts how often the circuit has opened since a success.
        CREATE TABLE webhook_paces (
            endpoint_id uuid PRIMARY KEY REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
            tokens double precision NOT NULL DEFAULT 1,
            drawn_at timestamptz NOT NULL DEFAULT now(),
            failures integer NOT NULL DEFAULT 0,
            failing_since timestamptz,
            openings integer NOT NULL DEFAULT 0,
            open_until timestamptz,
            probing_until timestamptz,
            delivered_at timestamptz
        );
        INSERT INTO webhook_paces (endpoint_id) SELECT id FROM webhook_endpoints;
        CREATE FUNCTION add_webhook_pace() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO webhook_paces (endpoint_id) VALUES (new.id);
            RETURN NULL;
        END $$;
        CREATE TRIGGER endpoints_have_a_pace AFTER INSERT ON webhook_endpoints
            FOR EACH ROW EXECUTE FUNCTION add_webhook_pace();
        """
    )
    protect(
        "webhook_paces",
        f"{EVERYTHING} OR EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.id = webhook_paces.endpoint_id)",  # noqa: S608
    )


def downgrade() -> None:
    """Forget it."""
    op.execute(
        """
        DROP TRIGGER endpoints_have_a_pace ON webhook_endpoints;
        DROP FUNCTION add_webhook_pace();
        DROP TABLE webhook_paces;
        ALTER TABLE webhook_attempts
            DROP COLUMN number, DROP COLUMN trigger, DROP COLUMN customer_id, DROP COLUMN url, DROP COLUMN address,
            DROP COLUMN response_headers, DROP COLUMN response_body;
        DROP INDEX ix_webhook_deliveries_order, ix_webhook_deliveries_held;
        UPDATE webhook_deliveries SET status = 'cancelled', payload = coalesce(payload, '')
            WHERE status IN ('held', 'expired') OR payload IS NULL;
        ALTER TABLE webhook_deliveries
            DROP COLUMN lane, DROP COLUMN seq, DROP COLUMN trigger,
            ALTER COLUMN payload SET NOT NULL,
            DROP CONSTRAINT webhook_deliveries_status_check,
            ADD CONSTRAINT webhook_deliveries_status_check
                CHECK (status IN ('pending', 'delivered', 'exhausted', 'cancelled'));
        """
    )
