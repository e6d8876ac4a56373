"""Where each field came from, what each partner said last, and what becomes of fields that both sides changed."""

from alembic import op

from gateway.migrations.rls import EVERYTHING, protect

revision, down_revision, branch_labels, depends_on = "0008", "0007", None, None


def upgrade() -> None:
    """Add the columns and make the tables."""
    op.execute(
        """
        ALTER TABLE customers ADD COLUMN sources jsonb NOT NULL DEFAULT '{}';
        ALTER TABLE interactions ADD COLUMN sources jsonb NOT NULL DEFAULT '{}';
        ALTER TABLE sync_references
            ADD COLUMN said bytea,
            ADD COLUMN written text[] NOT NULL DEFAULT '{}',
            ADD COLUMN rewritten text[] NOT NULL DEFAULT '{}',
            DROP COLUMN pushed_hash;
        ALTER TABLE sync_operations
            ADD COLUMN sent bytea,
            ADD COLUMN wished_at timestamptz NOT NULL DEFAULT now(),
            DROP COLUMN payload_hash,
            DROP CONSTRAINT sync_operations_state_check,
            ADD CONSTRAINT ck_sync_operations_state CHECK (state IN ('open', 'sent', 'failed'));

        CREATE TABLE sync_merge_rules (
            stream text NOT NULL CHECK (stream IN ('customers', 'interactions')),
            field text NOT NULL,
            rule text NOT NULL CHECK (rule IN ('newest', 'priority', 'keep_first', 'union', 'manual')),
            sources text[] NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (stream, field)
        );

        CREATE TABLE sync_conflicts (
            id uuid PRIMARY KEY,
            link_id uuid NOT NULL REFERENCES sync_links (id) ON DELETE CASCADE,
            stream text NOT NULL,
            record_id uuid NOT NULL,
            customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
            field text NOT NULL,
            base jsonb NOT NULL,
            ours jsonb NOT NULL,
            theirs jsonb NOT NULL,
            their_time timestamptz,
            our_source text NOT NULL,
            our_time timestamptz,
            rule text NOT NULL,
            status text NOT NULL CHECK (status IN ('open', 'settled')),
            chosen text CHECK (chosen IN ('ours', 'theirs', 'value', 'same', 'gone')),
            settled_by text,
            settled_at timestamptz,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            CONSTRAINT ck_sync_conflicts_settled CHECK ((status = 'settled') = (settled_at IS NOT NULL))
        );
        CREATE UNIQUE INDEX uq_sync_conflicts_open ON sync_conflicts (link_id, stream, record_id, field)
            WHERE status = 'open';
        CREATE INDEX ix_sync_conflicts_link_id ON sync_conflicts (link_id, id);
        CREATE INDEX ix_sync_conflicts_status ON sync_conflicts (status, id);
        CREATE INDEX ix_sync_conflicts_customer_id ON sync_conflicts (customer_id, id);
        """
    )
    for table in ("sync_merge_rules", "sync_conflicts"):
        protect(table, EVERYTHING)


def downgrade() -> None:
    """Remove them."""
    op.execute(
        """
        DROP TABLE sync_conflicts, sync_merge_rules;
        DELETE FROM sync_operations WHERE state = 'sent';
        ALTER TABLE sync_operations
            DROP COLUMN sent,
            DROP COLUMN wished_at,
            ADD COLUMN payload_hash bytea,
            DROP CONSTRAINT ck_sync_operations_state,
            ADD CONSTRAINT sync_operations_state_check CHECK (state IN ('open', 'failed'));
        ALTER TABLE sync_references
            DROP COLUMN rewritten,
            DROP COLUMN written,
            DROP COLUMN said,
            ADD COLUMN pushed_hash bytea;
        ALTER TABLE interactions DROP COLUMN sources;
        ALTER TABLE customers DROP COLUMN sources;
        """
    )
