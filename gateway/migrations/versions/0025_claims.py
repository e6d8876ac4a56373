"""What agreements and shares say, what shares there were, and who claims a customer and who is offered one."""

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
            ADD COLUMN purposes text[],
            ADD COLUMN version integer NOT NULL DEFAULT 1;
        CREATE INDEX ix_shares_until ON shares (until) WHERE until IS NOT NULL;
        CREATE INDEX ix_shares_agreement ON shares (partner_id, customer_id) WHERE ground = 'agreement';

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

        -- `status` is what the house knows, `told` what the partner has been told: null, that there is nothing to tell.
        -- At `due_at` it is told, or what was approved comes to its end.
        CREATE TABLE claims (
            id uuid PRIMARY KEY,
            partner_id uuid NOT NULL REFERENCES partners (id),
            partner text NOT NULL,
            customer_id uuid REFERENCES customers (id) ON DELETE CASCADE,
            is_named boolean NOT NULL,
            raised_by text NOT NULL CHECK (raised_by IN ('partner', 'merge')),
            person jsonb NOT NULL,
            keys text[] NOT NULL,
            scope text NOT NULL,
            scope_key text NOT NULL,
            evidence jsonb NOT NULL,
            note text,
            status text NOT NULL CHECK (
                status IN ('draft', 'submitted', 'under_review', 'approved', 'rejected', 'expired', 'withdrawn')
            ),
            told text CHECK (told IN ('draft', 'submitted', 'approved', 'rejected', 'expired', 'withdrawn')),
            submitted_at timestamptz,
            answer_by timestamptz,
            due_at timestamptz,
            told_at timestamptz,
            decided_at timestamptz,
            decided_by text,
            decision_note text,
            protected_until timestamptz,
            version integer NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            CONSTRAINT ck_claims_approved
                CHECK (status <> 'approved' OR (customer_id IS NOT NULL AND protected_until IS NOT NULL))
        );
        CREATE UNIQUE INDEX uq_claims_approved ON claims (customer_id, scope_key) WHERE status = 'approved';
        CREATE INDEX ix_claims_customer_id ON claims (customer_id);
        CREATE INDEX ix_claims_partner_id ON claims (partner_id, id);
        CREATE INDEX ix_claims_status ON claims (status, id);
        CREATE INDEX ix_claims_keys ON claims USING gin (keys);
        CREATE INDEX ix_claims_due_at ON claims (due_at) WHERE due_at IS NOT NULL;

        CREATE TABLE referrals (
            id uuid PRIMARY KEY,
            partner_id uuid NOT NULL REFERENCES partners (id),
            partner text NOT NULL,
            customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
            scope text NOT NULL,
            scope_key text NOT NULL,
            interest text,
            ground text NOT NULL CHECK (ground IN ('agreement', 'consent')),
            role text NOT NULL CHECK (role IN ('owner', 'seller', 'servicer', 'viewer')),
            preview jsonb NOT NULL,
            status text NOT NULL CHECK (
                status IN ('offered', 'accepted', 'declined', 'expired', 'withdrawn', 'handed_over', 'returned')
            ),
            reason text,
            offered_by text NOT NULL,
            offered_at timestamptz NOT NULL,
            answer_by timestamptz NOT NULL,
            answered_at timestamptz,
            ended_at timestamptz,
            version integer NOT NULL,
            updated_at timestamptz NOT NULL
        );
        CREATE INDEX ix_referrals_customer_id ON referrals (customer_id);
        CREATE INDEX ix_referrals_partner_id ON referrals (partner_id, id);
        CREATE INDEX ix_referrals_answer_by ON referrals (answer_by) WHERE status = 'offered';

        -- A partner takes the customer that it was offered, and no other; the customer's lock comes first, as always.
        CREATE FUNCTION accept_referral(referral uuid) RETURNS boolean LANGUAGE plpgsql AS $$
        DECLARE caller text := caller_channel(); taker uuid := caller_partner(); accepted referrals;
        BEGIN
            PERFORM set_config('kopru.channel', 'system', true);
            PERFORM 1 FROM customers c WHERE c.id = (
                SELECT r.customer_id FROM referrals r WHERE r.id = referral AND r.partner_id = taker
            ) FOR NO KEY UPDATE;
            UPDATE referrals SET status = 'accepted', answered_at = now(), updated_at = now(), version = version + 1
                WHERE id = referral AND partner_id = taker AND status = 'offered' AND answer_by > now()
                RETURNING * INTO accepted;
            INSERT INTO shares (customer_id, partner_id, shared_at, ground, role, reference, status, city_key, sort_key,
                                updated_at, created_at)
                SELECT c.id, taker, now(), accepted.ground, accepted.role, 'referral ' || accepted.id, c.status,
                       c.city_key, c.sort_key, now(), c.created_at
                FROM customers c WHERE c.id = accepted.customer_id
                ON CONFLICT DO NOTHING;
            PERFORM set_config('kopru.channel', caller, true);
            RETURN accepted.id IS NOT NULL;
        END $$;
        """
    )
    protect("past_shares", f"{EVERYTHING} OR {_OWN}")
    keep("past_shares")
    protect("claims", f"{EVERYTHING} OR ({_OWN} AND told IS NOT NULL)")
    keep("claims")
    protect("referrals", f"{EVERYTHING} OR {_OWN}")
    keep("referrals")
    op.execute(f"CREATE POLICY referrals_offered ON referrals AS RESTRICTIVE FOR INSERT WITH CHECK ({EVERYTHING})")


def downgrade() -> None:
    """Remove the tables."""
    op.execute(
        """
        DROP FUNCTION accept_referral(uuid);
        DROP TABLE referrals, claims, past_shares;
        DROP INDEX ix_shares_until, ix_shares_agreement;
        ALTER TABLE shares
            DROP COLUMN role, DROP COLUMN until, DROP COLUMN reference, DROP COLUMN purposes, DROP COLUMN version;
        ALTER TABLE partners
            DROP CONSTRAINT ck_partners_valid,
            DROP COLUMN kind, DROP COLUMN purposes, DROP COLUMN valid_from, DROP COLUMN valid_until,
            DROP COLUMN share_role, DROP COLUMN protection_days, DROP COLUMN answer_days, DROP COLUMN preview_fields;
        """
    )
