"""The desk: queues and the work in them."""

from alembic import op

from gateway.migrations.rls import protect

revision, down_revision, branch_labels, depends_on = "0026", "0025", None, None

_TABLES = ("desk_item_steps", "desk_items", "desk_queues")


def upgrade() -> None:
    """Make the tables."""
    op.execute(
        """
        CREATE TABLE desk_queues (
            id uuid PRIMARY KEY,
            name text NOT NULL CONSTRAINT uq_desk_queues_name UNIQUE,
            team text,
            target_seconds integer NOT NULL CHECK (target_seconds > 0),
            target_percent smallint NOT NULL CHECK (target_percent BETWEEN 1 AND 100),
            lease_minutes integer NOT NULL CHECK (lease_minutes > 0),
            is_archived boolean NOT NULL,
            version integer NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL
        );
        CREATE TABLE desk_items (
            id uuid PRIMARY KEY,
            queue_id uuid NOT NULL REFERENCES desk_queues (id),
            kind text NOT NULL CHECK (kind IN ('callback', 'follow_up', 'matter', 'referral')),
            status text NOT NULL CHECK (status IN ('waiting', 'claimed', 'done')),
            customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
            subject text NOT NULL,
            note text,
            priority smallint NOT NULL CHECK (priority BETWEEN 0 AND 3),
            skills text[] NOT NULL,
            waiting_since timestamptz NOT NULL,
            ready_at timestamptz NOT NULL,
            due_at timestamptz NOT NULL,
            answered_at timestamptz,
            assigned_to text,
            claimed_by text,
            leased_until timestamptz,
            channel text,
            contact_point uuid,
            purpose text,
            against jsonb NOT NULL,
            outcome text,
            created_by text NOT NULL,
            created_at timestamptz NOT NULL,
            done_at timestamptz,
            CONSTRAINT ck_desk_items_claim CHECK (
                (status = 'claimed') = (claimed_by IS NOT NULL) AND (status = 'claimed') = (leased_until IS NOT NULL)
            ),
            CONSTRAINT ck_desk_items_done CHECK ((status = 'done') = (done_at IS NOT NULL))
        );
        -- In the order in which they are taken.
        CREATE INDEX ix_desk_items_next ON desk_items (queue_id, priority, due_at, id) WHERE status <> 'done';
        CREATE INDEX ix_desk_items_customer_id ON desk_items (customer_id, status);
        CREATE INDEX ix_desk_items_due_at ON desk_items (due_at, id);
        CREATE INDEX ix_desk_items_leased_until ON desk_items (leased_until) WHERE status = 'claimed';

        CREATE TABLE desk_item_steps (
            id uuid PRIMARY KEY,
            item_id uuid NOT NULL REFERENCES desk_items (id) ON DELETE CASCADE,
            queue_id uuid NOT NULL,
            at timestamptz NOT NULL,
            actor text NOT NULL,
            action text NOT NULL,
            note text,
            waited_seconds integer
        );
        CREATE INDEX ix_desk_item_steps_item_id ON desk_item_steps (item_id, at);
        CREATE INDEX ix_desk_item_steps_answered ON desk_item_steps (queue_id, at) INCLUDE (waited_seconds)
            WHERE waited_seconds IS NOT NULL;
        """
    )
    for table in _TABLES:
        protect(table)


def downgrade() -> None:
    """Remove the tables."""
    op.execute(f"DROP TABLE {', '.join(_TABLES)}")
