"""What makes taking over a page cheaper."""

from alembic import op

revision, down_revision, branch_labels, depends_on = "0012", "0011", None, None


def upgrade() -> None:
    """Let search keys go with their customer by a trigger, for a foreign key looks it up again for every key."""
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
        """
    )


def downgrade() -> None:
    """Have the foreign key do it again."""
    op.execute(
        """
        DROP TRIGGER customers_forget_their_keys ON customers;
        DROP FUNCTION forget_keys();
        DROP INDEX ix_customer_keys_customer_id;
        CREATE INDEX ix_customer_keys_customer_id ON customer_keys (customer_id, kind, key);
        ALTER TABLE customer_keys ADD CONSTRAINT customer_keys_customer_id_fkey
            FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE;
        """
    )
