"""When links run by themselves, slot by slot, and the parts of a range that is read again."""

from alembic import op

from gateway.migrations.rls import EVERYTHING, protect

revision, down_revision, branch_labels, depends_on = "0011", "0010", None, None

_TABLES = ("sync_parts", "sync_schedule_slots", "sync_schedules")


def upgrade() -> None:
    """Make the tables; every link's interval becomes its first schedule."""
    op.execute(
        """
        CREATE TABLE sync_schedules (
            id uuid PRIMARY KEY,
            link_id uuid NOT NULL REFERENCES sync_links (id) ON DELETE CASCADE,
            is_default boolean NOT NULL,
            interval_seconds integer CHECK (interval_seconds > 0),
            cron text,
            time_zone text NOT NULL,
            blackout jsonb NOT NULL,
            catch_up text NOT NULL CHECK (catch_up IN ('once', 'skip', 'all')),
            mode text NOT NULL,
            is_enabled boolean NOT NULL,
            anchored_at timestamptz NOT NULL,
            next_slot_at timestamptz,
            version integer NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            CONSTRAINT ck_sync_schedules_kind CHECK (num_nonnulls(interval_seconds, cron) = 1)
        );
        CREATE INDEX ix_sync_schedules_link_id ON sync_schedules (link_id, id);
        CREATE UNIQUE INDEX uq_sync_schedules_default ON sync_schedules (link_id) WHERE is_default;
        CREATE INDEX ix_sync_schedules_next_slot_at ON sync_schedules (next_slot_at) WHERE is_enabled;

        CREATE TABLE sync_schedule_slots (
            schedule_id uuid NOT NULL REFERENCES sync_schedules (id) ON DELETE CASCADE,
            slot_at timestamptz NOT NULL,
            outcome text NOT NULL CHECK (outcome IN ('started', 'joined', 'passed')),
            run_id uuid REFERENCES sync_runs (id) ON DELETE SET NULL,
            passed_over integer NOT NULL,
            taken_at timestamptz NOT NULL,
            PRIMARY KEY (schedule_id, slot_at)
        );
        CREATE INDEX ix_sync_schedule_slots_taken_at ON sync_schedule_slots (taken_at);
        CREATE INDEX ix_sync_schedule_slots_run_id ON sync_schedule_slots (run_id);

        CREATE TABLE sync_parts (
            id uuid PRIMARY KEY,
            run_id uuid NOT NULL REFERENCES sync_runs (id) ON DELETE CASCADE,
            stream text NOT NULL,
            since timestamptz NOT NULL,
            until timestamptz NOT NULL,
            cursor text,
            state text NOT NULL CHECK (state IN ('open', 'done')),
            attempt integer NOT NULL,
            leased_until timestamptz,
            CONSTRAINT uq_sync_parts_since UNIQUE (run_id, stream, since)
        );

        ALTER TABLE sync_runs
            ADD COLUMN cursors_before jsonb NOT NULL DEFAULT '{}',
            ADD COLUMN cursors_after jsonb NOT NULL DEFAULT '{}';
        CREATE INDEX ix_sync_runs_finished_at ON sync_runs (finished_at);
        CREATE INDEX ix_sync_runs_status ON sync_runs (link_id, status, id);

        -- The release before this one reads these two columns of sync_links, so they stay behind.
        INSERT INTO sync_schedules
            (id, link_id, is_default, interval_seconds, time_zone, blackout, catch_up, mode, is_enabled, anchored_at,
             next_slot_at, version, created_at, updated_at)
        SELECT gen_random_uuid(), id, true, interval_seconds, 'UTC', '[]', 'once', 'normal', true, now(),
               coalesce(next_run_at, now()), 1, now(), now()
        FROM sync_links WHERE interval_seconds IS NOT NULL;
        """
    )
    for table in _TABLES:
        protect(table, EVERYTHING)


def downgrade() -> None:
    """Remove the tables."""
    op.execute("DROP INDEX ix_sync_runs_finished_at, ix_sync_runs_status")
    op.execute("ALTER TABLE sync_runs DROP COLUMN cursors_before, DROP COLUMN cursors_after")
    op.execute(f"DROP TABLE {', '.join(_TABLES)}")
