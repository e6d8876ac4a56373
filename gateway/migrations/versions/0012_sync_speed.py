"""What makes taking over a page cheaper."""

from alembic import op

revision, down_revision, branch_labels, depends_on = "0012", "0011", None, None


def upgrade() -> None:
    """Let search keys go with their customer by a trigger, for a foreign key looks it up for every key; index less."""
    op.execute(
        """
        ALTER TABLE customer_keys DROP CONSTRAINT customer_keys_customer_id_fkey;
        DROP INDEX ix_customer_keys_customer_id;
        CREATE INDEX ix_customer_keys_customer_id ON customer_keys (customer_id);

        -- Whoever writes keys has the customer locked, or made it in the same transaction.
        CREATE FUNCTION forget_keys() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            DELETE FROM customer_keys WHERE customer_id = old.id;
            RETURN NULL;
        END $$;
        CREATE TRIGGER customers_forget_their_keys AFTER DELETE ON customers
            FOR EACH ROW EXECUTE FUNCTION forget_keys();

        -- One index less to keep: this one finds a record on all links, too.
        DROP INDEX ix_sync_references_record_id;
        ALTER TABLE sync_references DROP CONSTRAINT uq_sync_references_record,
            ADD CONSTRAINT uq_sync_references_record UNIQUE (record_id, link_id, stream);
        """
    )


def downgrade() -> None:
    """Have the foreign key do it again."""
    op.execute(
        """
        ALTER TABLE sync_references DROP CONSTRAINT uq_sync_references_record,
            ADD CONSTRAINT uq_sync_references_record UNIQUE (link_id, stream, record_id);
        CREATE INDEX ix_sync_references_record_id ON sync_references (record_id);
        DROP TRIGGER customers_forget_their_keys ON customers;
        DROP FUNCTION forget_keys();
        DROP INDEX ix_customer_keys_customer_id;
        CREATE INDEX ix_customer_keys_customer_id ON customer_keys (customer_id, kind, key);
        ALTER TABLE customer_keys ADD CONSTRAINT customer_keys_customer_id_fkey
            FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE;
        """
    )
