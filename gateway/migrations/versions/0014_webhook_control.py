"""Endpoints that say what they want, how it is signed, how fast it may come and how they let us in."""

from alembic import op

from gateway.migrations.rls import EVERYTHING, protect

revision, down_revision, branch_labels, depends_on = "0014", "0013", None, None


def upgrade() -> None:
    """Let an endpoint have several keys of both kinds, and wishes of its own."""
    op.execute(
        """
        -- `public` is what a receiver needs of an asymmetric key; one that has ended signs no more.
        CREATE TABLE webhook_keys (
            id uuid PRIMARY KEY,
            endpoint_id uuid NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
            kind text NOT NULL CHECK (kind IN ('v1', 'v1a')),
            sealed text NOT NULL,
            public text,
            created_at timestamptz NOT NULL,
            ends_at timestamptz,
            CONSTRAINT ck_webhook_keys_public CHECK ((public IS NOT NULL) = (kind = 'v1a'))
        );
        CREATE INDEX ix_webhook_keys_endpoint_id ON webhook_keys (endpoint_id, created_at);
        INSERT INTO webhook_keys (id, endpoint_id, kind, sealed, created_at)
            SELECT gen_random_uuid(), id, 'v1', secret_sealed, updated_at FROM webhook_endpoints
            WHERE secret_sealed <> '';
        INSERT INTO webhook_keys (id, endpoint_id, kind, sealed, created_at, ends_at)
            SELECT gen_random_uuid(), id, 'v1', old_secret_sealed, created_at, old_secret_until FROM webhook_endpoints
            WHERE old_secret_sealed <> '' AND old_secret_until > now();

        ALTER TABLE webhook_endpoints
            DROP COLUMN secret_sealed, DROP COLUMN old_secret_sealed, DROP COLUMN old_secret_until,
            ADD COLUMN payload text NOT NULL DEFAULT 'full' CHECK (payload IN ('full', 'thin')),
            ADD COLUMN filters jsonb NOT NULL DEFAULT '[]',
            ADD COLUMN rate_per_minute integer CHECK (rate_per_minute > 0),
            ADD COLUMN is_ordered boolean NOT NULL DEFAULT false,
            ADD COLUMN retry_delays integer[],
            ADD COLUMN hold_hours integer NOT NULL DEFAULT 72 CHECK (hold_hours >= 0),
            ADD COLUMN disabled_at timestamptz,
            ADD COLUMN headers_sealed text,
            ADD COLUMN access jsonb,
            ADD COLUMN access_sealed text;
        """
    )
    protect(
        "webhook_keys",
        f"{EVERYTHING} OR EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.id = webhook_keys.endpoint_id)",  # noqa: S608
    )


def downgrade() -> None:
    """Keep one secret an endpoint, and the one before while it lives."""
    op.execute(
        """
        ALTER TABLE webhook_endpoints
            DROP COLUMN payload, DROP COLUMN filters, DROP COLUMN rate_per_minute, DROP COLUMN is_ordered,
            DROP COLUMN retry_delays, DROP COLUMN hold_hours, DROP COLUMN disabled_at, DROP COLUMN headers_sealed,
            DROP COLUMN access, DROP COLUMN access_sealed,
            ADD COLUMN secret_sealed text NOT NULL DEFAULT '',
            ADD COLUMN old_secret_sealed text, ADD COLUMN old_secret_until timestamptz;
        UPDATE webhook_endpoints e SET secret_sealed = k.sealed FROM webhook_keys k
            WHERE k.endpoint_id = e.id AND k.kind = 'v1' AND k.ends_at IS NULL;
        UPDATE webhook_endpoints e SET old_secret_sealed = k.sealed, old_secret_until = k.ends_at FROM webhook_keys k
            WHERE k.endpoint_id = e.id AND k.kind = 'v1' AND k.ends_at > now();
        DROP TABLE webhook_keys;
        """
    )
