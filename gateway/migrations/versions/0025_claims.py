"""What agreements and shares say, and what shares there were."""

from alembic import op

from gateway.migrations.rls import EVERYTHING, keep, protect

revision, down_revision, branch_labels, depends_on = "0025", "0024", None, None

_OWN = "((SELECT caller_channel()) = 'extranet' AND partner_id = (SELECT caller_partner()))"


def upgrade() -> None:
    """Make the tables."""
    op.execute(
        """
        -- Null is what partners of that kind usually have (`gateway.partners.terms`).
        ALTER TABLE partners
            ADD COLUMN kind text NOT NULL DEFAULT 'independent' CHECK (kind IN ('own', 'independent')),
            ADD COLUMN purposes text[] NOT NULL DEFAULT '{}',
            ADD COLUMN valid_from timestamptz,
            ADD COLUMN valid_until timestamptz,
            ADD COLUMN share_role text CHECK (share_role IN ('owner', 'seller', 'servicer', 'viewer')),
            ADD COLUMN protection_days integer CHECK (protection_days > 0),
            ADD COLUMN answer_days integer CHECK (answer_days > 0),
            ADD COLUMN preview_fields text[],
            ADD CONSTRAINT ck_partners_valid CHECK (valid_until > valid_from);

        -- Null is what the agreement says.
        ALTER TABLE shares
            ADD COLUMN role text CHECK (role IN ('owner', 'seller', 'servicer', 'viewer')),
            ADD COLUMN until timestamptz,
            ADD COLUMN reference text,
            ADD COLUMN purposes text[];
        CREATE INDEX ix_shares_until ON shares (until) WHERE until IS NOT NULL;

        CREATE TABLE past_shares (
            id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
            customer_id uuid NOT NULL,
            partner_id uuid NOT NULL,
            ground text NOT NULL,
            role text,
            reference text,
            purposes text[],
            shared_at timestamptz NOT NULL,
            until timestamptz,
            ended_at timestamptz NOT NULL,
            why text NOT NULL CHECK (why IN ('ended', 'changed', 'expired'))
        );
        CREATE INDEX ix_past_shares_customer_id ON past_shares (customer_id, ended_at);
        """
    )
    protect("past_shares", f"{EVERYTHING} OR {_OWN}")
    keep("past_shares")


def downgrade() -> None:
    """Remove the tables."""
    op.execute(
        """
        DROP TABLE past_shares;
        DROP INDEX ix_shares_until;
        ALTER TABLE shares DROP COLUMN role, DROP COLUMN until, DROP COLUMN reference, DROP COLUMN purposes;
        ALTER TABLE partners
            DROP CONSTRAINT ck_partners_valid,
            DROP COLUMN kind, DROP COLUMN purposes, DROP COLUMN valid_from, DROP COLUMN valid_until,
            DROP COLUMN share_role, DROP COLUMN protection_days, DROP COLUMN answer_days, DROP COLUMN preview_fields;
        """
    )
