"""What every feature stands on: the caller's functions, events, audit trail, idempotency keys."""

from alembic import op

from gateway.migrations.rls import ANYBODY, EVERYTHING, SYSTEM, protect

revision, down_revision, branch_labels, depends_on = "0001", None, None, None


def upgrade() -> None:
    """Make the kernel's tables."""
    op.execute(
        """
        CREATE FUNCTION caller_channel() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
            AS $$ SELECT nullif(current_setting('kopru.channel', true), '') $$;
        CREATE FUNCTION caller_partner() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
            AS $$ SELECT nullif(current_setting('kopru.partner', true), '')::uuid $$;
        CREATE FUNCTION caller_customer() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
            AS $$ SELECT nullif(current_setting('kopru.customer', true), '')::uuid $$;
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN RAISE EXCEPTION 'rows of % are written once and never changed', TG_TABLE_NAME; END $$;

        CREATE TABLE readers (name text PRIMARY KEY, txid xid8 NOT NULL, position bigint NOT NULL);

        CREATE TABLE events (
            position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            txid xid8 NOT NULL DEFAULT pg_current_xact_id(),
            id uuid NOT NULL CONSTRAINT uq_events_id UNIQUE,
            type text NOT NULL,
            resource_id uuid NOT NULL,
            customer_id uuid,
            occurred_at timestamptz NOT NULL,
            changed text[] NOT NULL,
            record jsonb NOT NULL,
            partners uuid[] NOT NULL,
            is_for_customer boolean NOT NULL,
            origin text NOT NULL,
            actor text NOT NULL,
            trace text NOT NULL DEFAULT ''
        );
        CREATE INDEX ix_events_commit_order ON events (txid, position);
        CREATE INDEX ix_events_resource ON events (resource_id, position);

        CREATE TABLE audit_entries (
            id uuid PRIMARY KEY,
            position bigint GENERATED ALWAYS AS IDENTITY,
            txid xid8 NOT NULL DEFAULT pg_current_xact_id(),
            at timestamptz NOT NULL,
            actor text NOT NULL,
            channel text NOT NULL,
            action text NOT NULL,
            resource text NOT NULL,
            resource_id text NOT NULL,
            address text NOT NULL,
            request_id text NOT NULL,
            purpose text NOT NULL,
            detail jsonb NOT NULL
        );
        CREATE INDEX ix_audit_entries_commit_order ON audit_entries (txid, position);
        CREATE INDEX ix_audit_entries_at ON audit_entries (at, id);
        CREATE INDEX ix_audit_entries_resource ON audit_entries (resource, resource_id);
        CREATE TRIGGER audit_entries_written_once BEFORE UPDATE OR DELETE ON audit_entries
            FOR EACH ROW EXECUTE FUNCTION refuse_change();
        CREATE TRIGGER audit_entries_never_emptied BEFORE TRUNCATE ON audit_entries
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

        CREATE TABLE audit_seals (
            number bigint PRIMARY KEY,
            entry_id uuid NOT NULL CONSTRAINT uq_audit_seals_entry_id UNIQUE REFERENCES audit_entries (id),
            hash bytea NOT NULL
        );
        CREATE TRIGGER audit_seals_written_once BEFORE UPDATE OR DELETE ON audit_seals
            FOR EACH ROW EXECUTE FUNCTION refuse_change();
        CREATE TRIGGER audit_seals_never_emptied BEFORE TRUNCATE ON audit_seals
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

        CREATE TABLE idempotency_keys (
            caller text NOT NULL,
            key text NOT NULL,
            fingerprint bytea NOT NULL,
            status smallint NOT NULL,
            headers jsonb NOT NULL,
            body bytea NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (caller, key)
        );
        CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys (created_at);
        """
    )
    protect("readers", SYSTEM)
    protect("events", EVERYTHING, ANYBODY)
    protect("audit_entries", EVERYTHING, ANYBODY)
    protect("audit_seals", EVERYTHING)
    protect("idempotency_keys", ANYBODY)


def downgrade() -> None:
    """Remove the kernel's tables."""
    op.execute(
        """
        DROP TABLE idempotency_keys, audit_seals, audit_entries, events, readers;
        DROP FUNCTION refuse_change(), caller_customer(), caller_partner(), caller_channel();
        """
    )
