"""What makes PostgreSQL's part of taking over a page cheaper."""

from alembic import op

revision, down_revision, branch_labels, depends_on = "0013", "0012", None, None


def upgrade() -> None:
    """Index only what is asked for, once; let a link's references go with it by a trigger, for a key checks each."""
    op.execute(
        """
        -- An event is found by its place alone, and by its record only where fields of that changed.
        ALTER TABLE events DROP CONSTRAINT events_pkey, DROP CONSTRAINT uq_events_id;
        DROP INDEX ix_events_commit_order, ix_events_resource;
        ALTER TABLE events ADD CONSTRAINT events_pkey PRIMARY KEY (txid, position);
        CREATE INDEX ix_events_resource ON events (resource_id) WHERE cardinality(changed) > 0;

        -- Every other index of shares begins with the partner.
        DROP INDEX ix_shares_customer_id;
        ALTER TABLE shares DROP CONSTRAINT shares_pkey,
            ADD CONSTRAINT shares_pkey PRIMARY KEY (customer_id, partner_id);

        -- Whoever writes references has a run of the link locked. The name sorts behind those of foreign keys: runs,
        -- and with them whoever writes, have come to an end when this is done.
        ALTER TABLE sync_references DROP CONSTRAINT sync_references_link_id_fkey;
        CREATE FUNCTION forget_link() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            DELETE FROM sync_references WHERE link_id = old.id;
            RETURN NULL;
        END $$;
        CREATE TRIGGER links_are_forgotten AFTER DELETE ON sync_links
            FOR EACH ROW EXECUTE FUNCTION forget_link();
        """
    )


def downgrade() -> None:
    """Index everything again, and have the foreign key do it."""
    op.execute(
        """
        DROP TRIGGER links_are_forgotten ON sync_links;
        DROP FUNCTION forget_link();
        ALTER TABLE sync_references ADD CONSTRAINT sync_references_link_id_fkey
            FOREIGN KEY (link_id) REFERENCES sync_links (id) ON DELETE CASCADE;
        ALTER TABLE shares DROP CONSTRAINT shares_pkey,
            ADD CONSTRAINT shares_pkey PRIMARY KEY (partner_id, customer_id);
        CREATE INDEX ix_shares_customer_id ON shares (customer_id, partner_id);
        DROP INDEX ix_events_resource;
        ALTER TABLE events DROP CONSTRAINT events_pkey,
            ADD CONSTRAINT events_pkey PRIMARY KEY (position), ADD CONSTRAINT uq_events_id UNIQUE (id);
        CREATE INDEX ix_events_commit_order ON events (txid, position);
        CREATE INDEX ix_events_resource ON events (resource_id, position);
        """
    )
