"""What passes between a link and its partner: budgets, circuits, requests, and what comes to our door."""

from alembic import op

from gateway.migrations.rls import EVERYTHING, protect

revision, down_revision, branch_labels, depends_on = "0010", "0009", None, None

_TABLES = ("sync_received", "sync_requests", "sync_calls", "sync_traffic")


def upgrade() -> None:
    """Make the tables, and give links their budgets."""
    op.execute(
        """
        ALTER TABLE sync_links
            ADD COLUMN requests_per_minute integer CHECK (requests_per_minute > 0),
            ADD COLUMN most_concurrent integer NOT NULL DEFAULT 4 CHECK (most_concurrent > 0);

        CREATE TABLE sync_traffic (
            link_id uuid PRIMARY KEY REFERENCES sync_links (id) ON DELETE CASCADE,
            tokens double precision NOT NULL,
            drawn_at timestamptz NOT NULL,
            quiet_until timestamptz,
            slow_until timestamptz,
            failures integer NOT NULL,
            failing_since timestamptz,
            opened integer NOT NULL,
            open_until timestamptz,
            probe_until timestamptz,
            error text
        );

        CREATE TABLE sync_calls (
            link_id uuid NOT NULL REFERENCES sync_links (id) ON DELETE CASCADE,
            number integer NOT NULL,
            holder uuid NOT NULL,
            held_until timestamptz NOT NULL,
            PRIMARY KEY (link_id, number)
        );

        CREATE TABLE sync_requests (
            number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            run_id uuid NOT NULL REFERENCES sync_runs (id) ON DELETE CASCADE,
            at timestamptz NOT NULL,
            method text NOT NULL,
            path text NOT NULL,
            status integer,
            error text,
            duration_ms integer NOT NULL,
            sent_bytes bigint NOT NULL,
            received_bytes bigint NOT NULL
        );
        CREATE INDEX ix_sync_requests_run_id ON sync_requests (run_id, number);
        CREATE INDEX ix_sync_requests_at ON sync_requests (at);

        CREATE TABLE sync_received (
            number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            link_id uuid NOT NULL REFERENCES sync_links (id) ON DELETE CASCADE,
            delivery_id text COLLATE "C" NOT NULL,
            payload text NOT NULL,
            is_hint boolean NOT NULL,
            status text NOT NULL CHECK (status IN ('waiting', 'done', 'failed')),
            tries integer NOT NULL,
            received_at timestamptz NOT NULL,
            settled_at timestamptz,
            CONSTRAINT uq_sync_received_delivery UNIQUE (link_id, delivery_id)
        );
        CREATE INDEX ix_sync_received_waiting ON sync_received (link_id, number) WHERE status = 'waiting';
        CREATE INDEX ix_sync_received_settled_at ON sync_received (settled_at) WHERE status <> 'waiting';
        """
    )
    for table in _TABLES:
        protect(table, EVERYTHING)


def downgrade() -> None:
    """Remove the tables and the budgets."""
    op.execute(
        f"""
        DROP TABLE {", ".join(_TABLES)};
        ALTER TABLE sync_links DROP COLUMN requests_per_minute, DROP COLUMN most_concurrent;
        """
    )
