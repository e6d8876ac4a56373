"""Interactions: what happened between a customer and us."""

from alembic import op

from gateway.migrations.rls import EVERYTHING, keep, protect

revision, down_revision, branch_labels, depends_on = "0005", "0004", None, None


def upgrade() -> None:
    """Make the tables."""
    op.execute(
        """
        CREATE TABLE interactions (
            id uuid PRIMARY KEY,
            customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
            partner_id uuid REFERENCES partners (id),
            partner text,
            channel text NOT NULL,
            kind text NOT NULL,
            direction text NOT NULL,
            occurred_at timestamptz NOT NULL,
            subject text,
            body text,
            outcome text,
            agent text,
            satisfaction smallint CHECK (satisfaction BETWEEN 1 AND 5),
            amount_value numeric(18, 4),
            amount_currency text,
            cost_value numeric(18, 4),
            cost_currency text,
            products jsonb NOT NULL,
            visibility text NOT NULL CHECK (visibility IN ('internal', 'partner', 'shared')),
            attributes jsonb NOT NULL,
            search_key text COLLATE "C" NOT NULL,
            origin text NOT NULL DEFAULT '',
            version integer NOT NULL DEFAULT 1,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL
        );
        CREATE INDEX ix_interactions_customer_id ON interactions (customer_id, occurred_at, id);
        CREATE INDEX ix_interactions_occurred_at ON interactions (occurred_at, id);
        CREATE INDEX ix_interactions_updated_at ON interactions (updated_at, id);
        CREATE INDEX ix_interactions_created_at ON interactions (created_at, id);
        CREATE INDEX ix_interactions_partner_id ON interactions (partner_id, occurred_at, id);
        """
    )
    # A partner sees its own words and shared ones, about customers shared with it; a customer all but internal ones.
    seen = """CASE (SELECT caller_channel())
        WHEN 'intranet' THEN true WHEN 'system' THEN true
        WHEN 'extranet' THEN
            (visibility = 'shared' OR (visibility = 'partner' AND partner_id = (SELECT caller_partner())))
            AND EXISTS (SELECT 1 FROM shares s
                        WHERE s.customer_id = interactions.customer_id AND s.partner_id = (SELECT caller_partner()))
        WHEN 'internet' THEN visibility <> 'internal' AND customer_id = (SELECT caller_customer())
        ELSE false END"""
    written = f"""{EVERYTHING}
        OR ((SELECT caller_channel()) = 'extranet' AND visibility <> 'internal'
            AND partner_id = (SELECT caller_partner()))
        OR ((SELECT caller_channel()) = 'internet' AND visibility <> 'internal' AND partner_id IS NULL
            AND customer_id = (SELECT caller_customer()))"""
    protect("interactions", seen, written)
    keep("interactions")


def downgrade() -> None:
    """Remove the tables."""
    op.execute("DROP TABLE interactions")
