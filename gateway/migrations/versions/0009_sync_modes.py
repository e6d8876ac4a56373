"""Kinds of runs: besides the ordinary one, those that list everything, preview, replay or look at a part."""

from alembic import op

from gateway.migrations.rls import EVERYTHING, protect

revision, down_revision, branch_labels, depends_on = "0009", "0008", None, None

_TABLES = ("sync_previewed", "sync_vanished", "sync_listed", "sync_places")


def upgrade() -> None:
    """Add the columns, and what such runs write down on their way."""
    op.execute(
        """
        ALTER TABLE sync_runs ADD COLUMN mode text NOT NULL DEFAULT 'normal';
        ALTER TABLE sync_runs ADD COLUMN options jsonb NOT NULL DEFAULT '{}';

        ALTER TABLE sync_links
            ADD COLUMN deletion_policy text NOT NULL DEFAULT 'unshare'
                CHECK (deletion_policy IN ('unshare', 'deactivate')),
            ADD COLUMN most_vanished_share double precision NOT NULL DEFAULT 0.2
                CHECK (most_vanished_share BETWEEN 0 AND 1),
            ADD COLUMN most_rejected_share double precision NOT NULL DEFAULT 0.5
                CHECK (most_rejected_share BETWEEN 0 AND 1);
        ALTER TABLE sync_references
            ADD COLUMN known_since timestamptz NOT NULL DEFAULT now(),
            ADD COLUMN status_before text;
        ALTER TABLE sync_rejected ADD COLUMN is_whole boolean NOT NULL DEFAULT true;
        CREATE INDEX ix_sync_rejected_first_seen_at ON sync_rejected (link_id, stream, first_seen_at);

        CREATE TABLE sync_places (
            run_id uuid NOT NULL REFERENCES sync_runs (id) ON DELETE CASCADE,
            stream text NOT NULL,
            place text NOT NULL,
            PRIMARY KEY (run_id, stream)
        );

        CREATE TABLE sync_listed (
            run_id uuid NOT NULL REFERENCES sync_runs (id) ON DELETE CASCADE,
            stream text NOT NULL,
            external_ids text[] COLLATE "C" NOT NULL
        );
        CREATE INDEX ix_sync_listed_run_id ON sync_listed (run_id, stream);

        CREATE TABLE sync_vanished (
            run_id uuid NOT NULL REFERENCES sync_runs (id) ON DELETE CASCADE,
            stream text NOT NULL,
            external_id text COLLATE "C" NOT NULL,
            PRIMARY KEY (run_id, stream, external_id)
        );

        CREATE TABLE sync_previewed (
            run_id uuid NOT NULL REFERENCES sync_runs (id) ON DELETE CASCADE,
            number integer NOT NULL,
            stream text NOT NULL,
            action text NOT NULL,
            external_id text,
            record_id uuid,
            changes jsonb NOT NULL,
            reasons jsonb NOT NULL,
            PRIMARY KEY (run_id, number)
        );
        """
    )
    for table in _TABLES:
        protect(table, EVERYTHING)


def downgrade() -> None:
    """Remove them."""
    op.execute(
        f"""
        DROP TABLE {", ".join(_TABLES)};
        DROP INDEX ix_sync_rejected_first_seen_at;
        ALTER TABLE sync_rejected DROP COLUMN is_whole;
        ALTER TABLE sync_references DROP COLUMN status_before, DROP COLUMN known_since;
        ALTER TABLE sync_links
            DROP COLUMN most_rejected_share, DROP COLUMN most_vanished_share, DROP COLUMN deletion_policy;
        ALTER TABLE sync_runs DROP COLUMN options, DROP COLUMN mode;
        """
    )
