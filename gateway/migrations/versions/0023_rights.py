"""What customers ask of us about their own data, whom we have erased, who was told, and what may not come back."""

from alembic import op

from gateway.migrations.rls import EVERYTHING, keep, protect

revision, down_revision, branch_labels, depends_on = "0023", "0022", None, None

_TABLES = ("rights_cases", "rights_steps", "erasures", "erasure_notices", "tombstones")


def upgrade() -> None:
    """Make the tables; none of them has a foreign key to customers, for they outlive them."""
    op.execute(
        """
        CREATE TABLE rights_cases (
            id uuid PRIMARY KEY,
            kind text NOT NULL,
            customer_id uuid NOT NULL,
            channel text NOT NULL CHECK (channel IN ('internet', 'intranet')),
            asked_by text NOT NULL,
            status text NOT NULL CHECK (status IN ('received', 'in_progress', 'completed', 'refused')),
            note text,
            wish jsonb NOT NULL,
            reason text,
            result jsonb,
            operation_id uuid,
            due_at timestamptz NOT NULL,
            created_at timestamptz NOT NULL,
            started_at timestamptz,
            ended_at timestamptz,
            version integer NOT NULL DEFAULT 1,
            CONSTRAINT ck_rights_cases_ended CHECK ((ended_at IS NOT NULL) = (status IN ('completed', 'refused')))
        );
        CREATE INDEX ix_rights_cases_customer_id ON rights_cases (customer_id, id);
        CREATE INDEX ix_rights_cases_open ON rights_cases (due_at, id) WHERE ended_at IS NULL;
        CREATE UNIQUE INDEX uq_rights_cases_open ON rights_cases (customer_id, kind) WHERE ended_at IS NULL;

        CREATE TABLE rights_steps (
            id uuid PRIMARY KEY,
            case_id uuid NOT NULL REFERENCES rights_cases (id) ON DELETE CASCADE,
            at timestamptz NOT NULL,
            step text NOT NULL,
            actor text NOT NULL
        );
        CREATE INDEX ix_rights_steps_case_id ON rights_steps (case_id, id);

        -- Ids and counts alone: what is kept to prove that an erasure was done, and to do it again after a restore.
        CREATE TABLE erasures (
            case_id uuid PRIMARY KEY,
            customer_ids uuid[] NOT NULL,
            counts jsonb NOT NULL,
            is_logged boolean NOT NULL DEFAULT false,
            began_at timestamptz NOT NULL,
            erased_at timestamptz,
            readmitted_at timestamptz
        );

        CREATE TABLE erasure_notices (
            id uuid PRIMARY KEY,
            case_id uuid NOT NULL,
            partner_id uuid NOT NULL REFERENCES partners (id) ON DELETE CASCADE,
            former_ids uuid[] NOT NULL,
            references_sealed text,
            grounds text[] NOT NULL,
            told_at timestamptz,
            due_at timestamptz NOT NULL,
            reminded_at timestamptz,
            reminders integer NOT NULL DEFAULT 0,
            acknowledged_at timestamptz,
            acknowledged_by text,
            CONSTRAINT uq_erasure_notices_partner UNIQUE (case_id, partner_id)
        );
        CREATE INDEX ix_erasure_notices_partner_id ON erasure_notices (partner_id, id);
        CREATE INDEX ix_erasure_notices_open ON erasure_notices (due_at) WHERE acknowledged_at IS NULL;

        -- Keyed marks of what a person is recognised by; nobody without the key learns anything from one.
        CREATE TABLE tombstones (
            mark bytea NOT NULL,
            case_id uuid NOT NULL,
            key_name text NOT NULL,
            PRIMARY KEY (mark, case_id)
        );
        CREATE INDEX ix_tombstones_case_id ON tombstones (case_id);

        -- Whoever writes asks whether one of its records was erased, and learns of these marks and nothing else.
        CREATE FUNCTION erased_among(marks bytea[]) RETURNS SETOF bytea LANGUAGE plpgsql AS $$
        DECLARE caller text := caller_channel();
        BEGIN
            PERFORM set_config('kopru.channel', 'system', true);
            RETURN QUERY SELECT DISTINCT t.mark FROM tombstones t WHERE t.mark = ANY(marks);
            PERFORM set_config('kopru.channel', caller, true);
        END $$;

        CREATE FUNCTION has_tombstones() RETURNS boolean LANGUAGE plpgsql AS $$
        DECLARE caller text := caller_channel(); found boolean;
        BEGIN
            PERFORM set_config('kopru.channel', 'system', true);
            found := EXISTS (SELECT FROM tombstones);
            PERFORM set_config('kopru.channel', caller, true);
            RETURN found;
        END $$;
        """
    )
    himself = "(SELECT caller_channel()) = 'internet' AND customer_id = (SELECT caller_customer())"
    protect("rights_cases", f"{EVERYTHING} OR ({himself})")
    keep("rights_cases")
    of_his = "EXISTS (SELECT FROM rights_cases c WHERE c.id = rights_steps.case_id)"
    protect("rights_steps", f"{EVERYTHING} OR ((SELECT caller_channel()) = 'internet' AND {of_his})")
    keep("rights_steps")
    protect("erasures")
    own = "(SELECT caller_channel()) = 'extranet' AND partner_id = (SELECT caller_partner())"
    protect("erasure_notices", f"{EVERYTHING} OR ({own})")
    keep("erasure_notices")
    protect("tombstones")


def downgrade() -> None:
    """Remove the tables; who was erased stays erased, and may come back."""
    op.execute("DROP FUNCTION erased_among(bytea[]), has_tombstones()")
    op.execute(f"DROP TABLE {', '.join(_TABLES)}")
