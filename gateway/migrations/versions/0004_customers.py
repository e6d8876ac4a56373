"""Customers, the keys they are found by, and who they are shared with."""

from alembic import op

from gateway.migrations.rls import EVERYTHING, keep, protect

revision, down_revision, branch_labels, depends_on = "0004", "0003", None, None

# `shares` repeats four columns of its customer, kept by a trigger: a partner's list, filtered and sorted, is then one
# walk along one index of its own, whatever the number of customers and partners.
SORTED_BY = ("updated_at", "created_at", "sort_key")


def upgrade() -> None:
    """Make the tables."""
    op.execute(
        """
        CREATE TABLE customers (
            id uuid PRIMARY KEY,
            kind text NOT NULL CHECK (kind IN ('person', 'organisation')),
            display_name text NOT NULL,
            given_name text,
            family_name text,
            organisation_name text,
            birth_date date,
            tax_id text,
            status text NOT NULL CHECK (status IN ('prospect', 'active', 'inactive')),
            locale text,
            contact_points jsonb NOT NULL,
            identifiers jsonb NOT NULL,
            attributes jsonb NOT NULL,
            owner text,
            internal_note text,
            sort_key text COLLATE "C" NOT NULL,
            city_key text COLLATE "C" NOT NULL,
            origin text NOT NULL DEFAULT '',
            version integer NOT NULL DEFAULT 1,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL
        );
        CREATE INDEX ix_customers_updated_at ON customers (updated_at, id);
        CREATE INDEX ix_customers_created_at ON customers (created_at, id);
        CREATE INDEX ix_customers_sort_key ON customers (sort_key, id);
        CREATE INDEX ix_customers_city_key_updated_at ON customers (city_key, updated_at, id);

        CREATE TABLE shares (
            partner_id uuid NOT NULL REFERENCES partners (id),
            customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
            shared_at timestamptz NOT NULL,
            ground text NOT NULL,
            status text NOT NULL,
            city_key text COLLATE "C" NOT NULL,
            sort_key text COLLATE "C" NOT NULL,
            updated_at timestamptz NOT NULL,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (partner_id, customer_id)
        );
        CREATE INDEX ix_shares_customer_id ON shares (customer_id, partner_id);
        CREATE INDEX ix_shares_updated_at ON shares (partner_id, updated_at, customer_id);
        CREATE INDEX ix_shares_created_at ON shares (partner_id, created_at, customer_id);
        CREATE INDEX ix_shares_sort_key ON shares (partner_id, sort_key, customer_id);
        CREATE INDEX ix_shares_city_key_updated_at ON shares (partner_id, city_key, updated_at, customer_id);

        -- Both look past the caller's rows on purpose, and answer nothing about them to a caller: whoever changes a
        -- customer, every share follows, and an event knows everyone who could see it.
        CREATE FUNCTION follow_customer() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE caller text := caller_channel();
        BEGIN
            PERFORM set_config('kopru.channel', 'system', true);
            UPDATE shares SET status = new.status, city_key = new.city_key, sort_key = new.sort_key,
                              updated_at = new.updated_at, created_at = new.created_at
            WHERE customer_id = new.id;
            PERFORM set_config('kopru.channel', caller, true);
            RETURN NULL;
        END $$;
        CREATE TRIGGER customers_followed_by_shares AFTER UPDATE ON customers
            FOR EACH ROW EXECUTE FUNCTION follow_customer();

        CREATE FUNCTION partners_sharing(customer uuid) RETURNS uuid[] LANGUAGE plpgsql AS $$
        DECLARE caller text := caller_channel(); sharing uuid[];
        BEGIN
            PERFORM set_config('kopru.channel', 'system', true);
            sharing := ARRAY (SELECT partner_id FROM shares WHERE customer_id = customer);
            PERFORM set_config('kopru.channel', caller, true);
            RETURN sharing;
        END $$;

        -- A partner shares with itself only what it has made in this very transaction, never what it merely names.
        CREATE FUNCTION is_made_now(customer uuid) RETURNS boolean LANGUAGE plpgsql AS $$
        DECLARE caller text := caller_channel(); made_now boolean;
        BEGIN
            PERFORM set_config('kopru.channel', 'system', true);
            made_now := EXISTS (SELECT 1 FROM customers WHERE id = customer AND xmin = pg_current_xact_id()::xid);
            PERFORM set_config('kopru.channel', caller, true);
            RETURN made_now;
        END $$;

        CREATE TABLE customer_keys (
            kind text NOT NULL CHECK (kind IN ('word', 'email', 'phone', 'tax_id', 'identifier')),
            key text COLLATE "C" NOT NULL,
            customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
            PRIMARY KEY (kind, key, customer_id)
        );
        CREATE INDEX ix_customer_keys_customer_id ON customer_keys (customer_id, kind, key);
        """
    )
    shared = "EXISTS (SELECT 1 FROM shares s WHERE s.customer_id = {} AND s.partner_id = (SELECT caller_partner()))"
    of_caller = """CASE (SELECT caller_channel())
        WHEN 'intranet' THEN true WHEN 'system' THEN true
        WHEN 'extranet' THEN {shared}
        WHEN 'internet' THEN {column} = (SELECT caller_customer())
        ELSE false END"""
    own = "partner_id = (SELECT caller_partner())"
    protect("shares", f"{EVERYTHING} OR {own}", f"{EVERYTHING} OR ({own} AND is_made_now(customer_id))")
    # A partner makes the customer first and its share second, so making is free and everything else needs the share.
    making = f"{EVERYTHING} OR (SELECT caller_channel()) IN ('extranet', 'internet')"
    protect("customers", of_caller.format(column="id", shared=shared.format("customers.id")), making)
    keep("customers")
    protect("customer_keys", of_caller.format(column="customer_id", shared=shared.format("customer_keys.customer_id")))


def downgrade() -> None:
    """Remove the tables."""
    op.execute(
        """
        DROP TABLE customer_keys, shares, customers;
        DROP FUNCTION follow_customer(), partners_sharing(uuid), is_made_now(uuid);
        """
    )
