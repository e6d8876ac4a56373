"""Which customers were merged into which, and how to take that back."""

from alembic import op

from gateway.migrations.rls import keep, protect

revision, down_revision, branch_labels, depends_on = "0019", "0018", None, None

_FORGET_IDENTITY = """
    CREATE OR REPLACE FUNCTION forget_identity() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM identity_blocks b USING identity_profiles p
        WHERE p.customer_id = old.id AND b.key = ANY(p.keys) AND b.number = p.number;
        DELETE FROM identity_profiles WHERE customer_id = old.id;
        DELETE FROM identity_pairs WHERE (first_id = old.id OR second_id = old.id){};
        RETURN NULL;
    END $$;
"""


def upgrade() -> None:
    """Make the tables, and the two questions that anybody may ask of them."""
    op.execute(
        """
        -- `lost` is the row that is gone, whole and as text, for it is put back as it was; `kept` and `merged` are the
        -- survivor before and after. `partners` could see the lost one.
        CREATE TABLE merges (
            id uuid PRIMARY KEY,
            keep_id uuid NOT NULL,
            lose_id uuid NOT NULL,
            pair_id uuid,
            fields jsonb NOT NULL,
            lost json NOT NULL,
            kept json NOT NULL,
            merged json NOT NULL,
            partners uuid[] NOT NULL,
            partners_of_lost uuid[] NOT NULL,
            moved jsonb NOT NULL,
            merged_by text NOT NULL,
            created_at timestamptz NOT NULL,
            undone_by text,
            undone_at timestamptz,
            stayed jsonb NOT NULL DEFAULT '[]',
            CONSTRAINT ck_merges_two CHECK (keep_id <> lose_id),
            CONSTRAINT ck_merges_undone CHECK ((undone_by IS NULL) = (undone_at IS NULL))
        );
        CREATE UNIQUE INDEX uq_merges_lost ON merges (lose_id) WHERE undone_at IS NULL;
        CREATE INDEX ix_merges_keep_id ON merges (keep_id, id);
        CREATE INDEX ix_merges_lose_id ON merges (lose_id, id);

        -- What a feature needs to know to give back what it moved (`gateway.customers.moves`).
        CREATE TABLE merge_moves (
            merge_id uuid NOT NULL REFERENCES merges (id) ON DELETE CASCADE,
            name text NOT NULL,
            kept json NOT NULL,
            PRIMARY KEY (merge_id, name)
        );
        """
    )
    protect("merges")
    keep("merges")
    protect("merge_moves")
    keep("merge_moves")
    # Both look past the caller's rows on purpose. The first answers a partner only about a customer that it could see
    # when it was merged; whether the caller may see the survivor is for whoever reads it to find out.
    op.execute(
        """
        CREATE FUNCTION survivor_of(customer uuid) RETURNS uuid LANGUAGE plpgsql AS $$
        DECLARE caller text := caller_channel(); partner uuid := caller_partner(); survivor uuid;
        BEGIN
            PERFORM set_config('kopru.channel', 'system', true);
            WITH RECURSIVE chain AS (
                SELECT m.keep_id, 1 AS steps FROM merges m
                WHERE m.lose_id = customer AND m.undone_at IS NULL
                  AND (caller <> 'extranet' OR partner = ANY(m.partners))
                UNION ALL
                SELECT m.keep_id, chain.steps + 1 FROM chain
                JOIN merges m ON m.lose_id = chain.keep_id AND m.undone_at IS NULL
            )
            SELECT chain.keep_id INTO survivor FROM chain ORDER BY chain.steps DESC LIMIT 1;
            PERFORM set_config('kopru.channel', caller, true);
            RETURN survivor;
        END $$;

        CREATE FUNCTION former_ids(customer uuid) RETURNS uuid[] LANGUAGE plpgsql AS $$
        DECLARE caller text := caller_channel(); former uuid[];
        BEGIN
            PERFORM set_config('kopru.channel', 'system', true);
            WITH RECURSIVE chain AS (
                SELECT customer AS id
                UNION
                SELECT m.lose_id FROM chain JOIN merges m ON m.keep_id = chain.id AND m.undone_at IS NULL
            )
            SELECT array_agg(chain.id) INTO former FROM chain;
            PERFORM set_config('kopru.channel', caller, true);
            RETURN former;
        END $$;

        -- The second of two records that one partner has of one customer: heard, and never written to.
        ALTER TABLE sync_references ADD COLUMN alias_of uuid;
        CREATE INDEX ix_sync_references_alias_of ON sync_references (alias_of) WHERE alias_of IS NOT NULL;
        """
    )
    # A pair that was merged is remembered: weights are estimated from what was settled.
    op.execute(_FORGET_IDENTITY.format(" AND status <> 'merged'"))


def downgrade() -> None:
    """Remove the tables; what was merged stays merged."""
    op.execute(_FORGET_IDENTITY.format(""))
    op.execute(
        """
        DROP INDEX ix_sync_references_alias_of;
        ALTER TABLE sync_references DROP COLUMN alias_of;
        DROP FUNCTION former_ids(uuid), survivor_of(uuid);
        DROP TABLE merge_moves, merges;
        """
    )
