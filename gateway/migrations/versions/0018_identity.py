"""Who is the same: what matching reads of customers, the pairs it finds, and the weights it judges by."""

from alembic import op

from gateway.migrations.rls import protect

revision, down_revision, branch_labels, depends_on = "0018", "0017", None, None

_TABLES = (
    "identity_profiles",
    "identity_blocks",
    "identity_terms",
    "identity_pairs",
    "identity_patterns",
    "identity_weights",
    "identity_slices",
    "identity_matchings",
)


def upgrade() -> None:
    """Make the tables, for the house alone: no partner learns from them whom else the house knows."""
    op.execute(
        """
        -- `number` stands for the customer where there are many rows: a quarter of the size of its id.
        CREATE TABLE identity_profiles (
            customer_id uuid PRIMARY KEY,
            number integer GENERATED ALWAYS AS IDENTITY UNIQUE,
            profile text NOT NULL,
            keys bigint[] NOT NULL,
            terms text[] NOT NULL
        );
        CREATE TABLE identity_blocks (
            key bigint NOT NULL,
            number integer NOT NULL,
            PRIMARY KEY (key, number)
        );
        CREATE TABLE identity_terms (
            term text COLLATE "C" PRIMARY KEY,
            count integer NOT NULL
        );

        CREATE TABLE identity_pairs (
            id uuid PRIMARY KEY,
            first_id uuid NOT NULL,
            second_id uuid NOT NULL,
            is_person boolean NOT NULL,
            bits double precision NOT NULL,
            levels smallint[] NOT NULL,
            adjusted jsonb NOT NULL,
            outcome text NOT NULL CHECK (outcome IN ('same', 'perhaps', 'different')),
            status text NOT NULL CHECK (status IN ('open', 'same', 'different', 'merged')),
            note text,
            settled_by text,
            settled_at timestamptz,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            UNIQUE (first_id, second_id),
            CONSTRAINT ck_identity_pairs_order CHECK (first_id < second_id)
        );
        CREATE INDEX ix_identity_pairs_second_id ON identity_pairs (second_id);
        CREATE INDEX ix_identity_pairs_queue ON identity_pairs (status, outcome, bits, id);

        -- How often a row of levels was met among pairs that were compared: what weights are estimated from.
        CREATE TABLE identity_patterns (
            is_person boolean NOT NULL,
            levels smallint[] NOT NULL,
            count bigint NOT NULL,
            PRIMARY KEY (is_person, levels)
        );
        CREATE TABLE identity_weights (
            id uuid PRIMARY KEY,
            weights jsonb NOT NULL,
            compared bigint NOT NULL,
            settled bigint NOT NULL,
            created_by text NOT NULL,
            created_at timestamptz NOT NULL
        );
        CREATE INDEX ix_identity_weights_created_at ON identity_weights (created_at, id);

        CREATE TABLE identity_matchings (
            id uuid PRIMARY KEY,
            status text NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'cancelled')),
            step text NOT NULL,
            done bigint NOT NULL,
            total bigint NOT NULL,
            found bigint NOT NULL,
            created_by text NOT NULL,
            created_at timestamptz NOT NULL,
            finished_at timestamptz
        );
        CREATE UNIQUE INDEX uq_identity_matchings_active ON identity_matchings ((true))
            WHERE status IN ('queued', 'running');

        -- Who works on a slice has its row locked until all of it is written: a killed worker leaves nothing behind.
        CREATE TABLE identity_slices (
            matching_id uuid NOT NULL REFERENCES identity_matchings (id) ON DELETE CASCADE,
            number integer NOT NULL,
            since text NOT NULL,
            until text,
            is_done boolean NOT NULL DEFAULT false,
            PRIMARY KEY (matching_id, number)
        );

        CREATE FUNCTION forget_identity() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            DELETE FROM identity_blocks b USING identity_profiles p
            WHERE p.customer_id = old.id AND b.key = ANY(p.keys) AND b.number = p.number;
            DELETE FROM identity_profiles WHERE customer_id = old.id;
            DELETE FROM identity_pairs WHERE first_id = old.id OR second_id = old.id;
            RETURN NULL;
        END $$;
        CREATE TRIGGER customers_are_forgotten_by_identity AFTER DELETE ON customers
            FOR EACH ROW EXECUTE FUNCTION forget_identity();
        """
    )
    for table in _TABLES:
        protect(table)


def downgrade() -> None:
    """Remove the tables."""
    op.execute("DROP TRIGGER customers_are_forgotten_by_identity ON customers; DROP FUNCTION forget_identity()")
    for table in _TABLES:
        op.execute(f"DROP TABLE {table}")
