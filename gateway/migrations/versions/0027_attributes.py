"""Phones by how they begin, and what the house says of its attributes: who sees them, and what they are good for."""

from alembic import op

revision, down_revision, branch_labels, depends_on = "0027", "0026", None, None


def upgrade() -> None:
    """Add the columns and the index."""
    op.execute(
        """
        -- A column, not an expression in the index: row-level security hides from an index what a function makes.
        ALTER TABLE customer_keys ADD COLUMN dialled text COLLATE "C"
            GENERATED ALWAYS AS (CASE WHEN key >= 'p' AND key < 'q' THEN reverse(substr(key, 2)) END) STORED;
        CREATE INDEX ix_customer_keys_dialled ON customer_keys (dialled, customer_id) WHERE dialled IS NOT NULL;

        ALTER TABLE attribute_definitions
            ADD COLUMN pattern text,
            ADD COLUMN visible_on text[] NOT NULL DEFAULT '{extranet,internet}'
                CHECK (visible_on <@ '{extranet,internet}'),
            ADD COLUMN writable_on text[] NOT NULL DEFAULT '{extranet}' CHECK (writable_on <@ visible_on),
            ADD COLUMN is_by_agreement boolean NOT NULL DEFAULT false,
            ADD COLUMN is_searchable boolean NOT NULL DEFAULT false,
            ADD COLUMN is_statistical boolean NOT NULL DEFAULT false,
            -- Up to which customer the keys of a searchable one have been written, and since when all of them are.
            ADD COLUMN keyed_to uuid,
            ADD COLUMN keyed_at timestamptz;
        """
    )


def downgrade() -> None:
    """Remove them."""
    op.execute(
        """
        DELETE FROM customer_keys WHERE key >= 'a' AND key < 'b';
        ALTER TABLE customer_keys DROP COLUMN dialled;
        ALTER TABLE attribute_definitions
            DROP COLUMN pattern, DROP COLUMN visible_on, DROP COLUMN writable_on, DROP COLUMN is_by_agreement,
            DROP COLUMN is_searchable, DROP COLUMN is_statistical, DROP COLUMN keyed_to, DROP COLUMN keyed_at;
        """
    )
