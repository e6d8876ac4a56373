"""What makes taking over a page cheaper."""

from alembic import op

revision, down_revision, branch_labels, depends_on = "0012", "0011", None, None


def upgrade() -> None:
    """Let keys and shares go with their customer by a trigger, for a foreign key looks it up for each; index less."""
    op.execute(
        """
        ALTER TABLE customer_keys DROP CONSTRAINT customer_keys_customer_id_fkey;
        DROP INDEX ix_customer_keys_customer_id;
        CREATE INDEX ix_customer_keys_customer_id ON customer_keys (customer_id);

        -- Whoever writes keys or shares has the customer locked, or made it in the same transaction.
        ALTER TABLE shares DROP CONSTRAINT shares_customer_id_fkey, DROP CONSTRAINT shares_partner_id_fkey;
        CREATE FUNCTION forget_customer() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            DELETE FROM customer_keys WHERE customer_id = old.id;
            DELETE FROM shares WHERE customer_id = old.id;
            RETURN NULL;
        END $$;
        CREATE TRIGGER customers_are_forgotten AFTER DELETE ON customers
            FOR EACH ROW EXECUTE FUNCTION forget_customer();

        -- Only the house ends a partner, and only one that sees nobody any more.
        CREATE FUNCTION keep_partner() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT FROM shares WHERE partner_id = old.id) THEN
                RAISE foreign_key_violation USING MESSAGE = 'customers are still shared with this partner';
            END IF;
            RETURN old;
        END $$;
        CREATE TRIGGER partners_stay_while_they_share BEFORE DELETE ON partners
            FOR EACH ROW EXECUTE FUNCTION keep_partner();

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
        DROP TRIGGER partners_stay_while_they_share ON partners;
        DROP TRIGGER customers_are_forgotten ON customers;
        DROP FUNCTION keep_partner(), forget_customer();
        ALTER TABLE shares
            ADD CONSTRAINT shares_customer_id_fkey
                FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE,
            ADD CONSTRAINT shares_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners (id);
        DROP INDEX ix_customer_keys_customer_id;
        CREATE INDEX ix_customer_keys_customer_id ON customer_keys (customer_id, kind, key);
        ALTER TABLE customer_keys ADD CONSTRAINT customer_keys_customer_id_fkey
            FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE;
        """
    )
