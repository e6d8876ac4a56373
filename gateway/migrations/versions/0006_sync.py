"""Links to partners' systems, their runs, and what both sides call a record."""

from alembic import op

from gateway.migrations.rls import EVERYTHING, protect

revision, down_revision, branch_labels, depends_on = "0006", "0005", None, None

_TABLES = ("sync_operations", "sync_rejected", "sync_references", "sync_cursors", "sync_runs", "sync_links")


def upgrade() -> None:
    """Make the tables."""
    op.execute(
        """
        CREATE TABLE sync_links (
            id uuid PRIMARY KEY,
            name text NOT NULL CONSTRAINT uq_sync_links_name UNIQUE,
            partner_id uuid NOT NULL REFERENCES partners (id),
            connector text NOT NULL,
            settings jsonb NOT NULL,
            sealed text NOT NULL,
            status text NOT NULL CHECK (status IN ('active', 'paused')),
            paused_reason text,
            interval_seconds integer CHECK (interval_seconds > 0),
            next_run_at timestamptz,
            version integer NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL
        );
        CREATE INDEX ix_sync_links_partner_id ON sync_links (partner_id);
        CREATE INDEX ix_sync_links_next_run_at ON sync_links (next_run_at) WHERE status = 'active';

        CREATE TABLE sync_runs (
            id uuid PRIMARY KEY,
            link_id uuid NOT NULL REFERENCES sync_links (id) ON DELETE CASCADE,
            status text NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
            streams jsonb NOT NULL,
            steps_done text[] NOT NULL,
            error text,
            tries integer NOT NULL,
            due_at timestamptz NOT NULL,
            cancel_asked_at timestamptz,
            started_at timestamptz,
            finished_at timestamptz,
            created_at timestamptz NOT NULL,
            attempt integer NOT NULL,
            leased_until timestamptz
        );
        CREATE UNIQUE INDEX uq_sync_runs_active ON sync_runs (link_id) WHERE status IN ('queued', 'running');
        CREATE INDEX ix_sync_runs_due_at ON sync_runs (due_at) WHERE status IN ('queued', 'running');
        CREATE INDEX ix_sync_runs_link_id ON sync_runs (link_id, id);

        CREATE TABLE sync_cursors (
            link_id uuid NOT NULL REFERENCES sync_links (id) ON DELETE CASCADE,
            stream text NOT NULL,
            cursor text NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (link_id, stream)
        );

        CREATE TABLE sync_references (
            link_id uuid NOT NULL REFERENCES sync_links (id) ON DELETE CASCADE,
            stream text NOT NULL,
            external_id text COLLATE "C" NOT NULL,
            record_id uuid NOT NULL,
            content_hash bytea,
            version text,
            pushed_hash bytea,
            is_ours boolean NOT NULL,
            deleted_at timestamptz,
            PRIMARY KEY (link_id, stream, external_id),
            CONSTRAINT uq_sync_references_record UNIQUE (link_id, stream, record_id)
        );
        CREATE INDEX ix_sync_references_record_id ON sync_references (record_id);

        CREATE TABLE sync_rejected (
            id uuid PRIMARY KEY,
            link_id uuid NOT NULL REFERENCES sync_links (id) ON DELETE CASCADE,
            stream text NOT NULL,
            key text COLLATE "C" NOT NULL,
            external_id text,
            raw text NOT NULL,
            reasons jsonb NOT NULL,
            fingerprint bytea NOT NULL,
            waits_for text COLLATE "C",
            seen integer NOT NULL,
            first_seen_at timestamptz NOT NULL,
            last_seen_at timestamptz NOT NULL,
            CONSTRAINT uq_sync_rejected_key UNIQUE (link_id, stream, key)
        );
        CREATE INDEX ix_sync_rejected_link_id ON sync_rejected (link_id, id);
        CREATE INDEX ix_sync_rejected_waits_for ON sync_rejected (link_id, waits_for) WHERE waits_for IS NOT NULL;

        CREATE TABLE sync_operations (
            id uuid PRIMARY KEY,
            link_id uuid NOT NULL REFERENCES sync_links (id) ON DELETE CASCADE,
            stream text NOT NULL,
            record_id uuid NOT NULL,
            op text NOT NULL CHECK (op IN ('create', 'update', 'delete')),
            state text NOT NULL CHECK (state IN ('open', 'failed')),
            changed text[] NOT NULL,
            payload_hash bytea,
            sent_at timestamptz,
            stale_version text,
            tries integer NOT NULL,
            due_at timestamptz NOT NULL,
            error text,
            created_at timestamptz NOT NULL,
            CONSTRAINT uq_sync_operations_record UNIQUE (link_id, stream, record_id)
        );
        CREATE INDEX ix_sync_operations_open ON sync_operations (link_id, stream, id) WHERE state = 'open';
        """
    )
    for table in _TABLES:
        protect(table, EVERYTHING)


def downgrade() -> None:
    """Remove the tables."""
    op.execute(f"DROP TABLE {', '.join(_TABLES)}")
