"""Phones by how they begin, and what the house says of its attributes: who sees them, and what they are good for."""

from alembic import op

from gateway.migrations.rls import protect

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
            -- Whoever began behind it writes keys of a searchable one; up to which customer the others have theirs, and
            -- since when all of them do.
            ADD COLUMN keyed_from xid8,
            ADD COLUMN keyed_to uuid,
            ADD COLUMN keyed_at timestamptz;

        CREATE TABLE attribute_keys (
            name text COLLATE "C" NOT NULL,
            value text COLLATE "C" NOT NULL,
            customer_id uuid NOT NULL,
            PRIMARY KEY (name, value, customer_id)
        );
        CREATE INDEX ix_attribute_keys_customer_id ON attribute_keys (customer_id);

        CREATE FUNCTION attribute_values(said json) RETURNS SETOF text LANGUAGE sql IMMUTABLE STRICT AS $$
            SELECT left(value, 200) FROM json_array_elements_text(
                CASE json_typeof(said) WHEN 'array' THEN said WHEN 'object' THEN '[]'::json
                ELSE json_build_array(said) END) AS value WHERE value IS NOT NULL
        $$;

        CREATE FUNCTION forget_attribute_keys() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            DELETE FROM attribute_keys WHERE customer_id = old.id;
            RETURN NULL;
        END $$;
        CREATE TRIGGER customers_are_forgotten_by_attributes AFTER DELETE ON customers
            FOR EACH ROW EXECUTE FUNCTION forget_attribute_keys();
        """
    )
    shared = "EXISTS (SELECT FROM shares s WHERE s.customer_id = attribute_keys.customer_id AND s.partner_id = {})"
    protect(
        "attribute_keys",
        f"""CASE (SELECT caller_channel())
        WHEN 'intranet' THEN true WHEN 'system' THEN true
        WHEN 'extranet' THEN {shared.format("(SELECT caller_partner())")}
        WHEN 'internet' THEN customer_id = (SELECT caller_customer())
        ELSE false END""",
    )


def downgrade() -> None:
    """Remove them."""
    op.execute(
        """
        DROP TRIGGER customers_are_forgotten_by_attributes ON customers;
        DROP FUNCTION forget_attribute_keys;
        DROP TABLE attribute_keys;
        DROP FUNCTION attribute_values;
        ALTER TABLE customer_keys DROP COLUMN dialled;
        ALTER TABLE attribute_definitions
            DROP COLUMN pattern, DROP COLUMN visible_on, DROP COLUMN writable_on, DROP COLUMN is_by_agreement,
            DROP COLUMN is_searchable, DROP COLUMN is_statistical, DROP COLUMN keyed_from, DROP COLUMN keyed_to,
            DROP COLUMN keyed_at;
        """
    )
