"""Who looked at customers and why, what went to whom, and what a person is given of all that is kept."""

from alembic import op

from gateway.migrations.rls import ANYBODY, EVERYTHING, SYSTEM, keep, protect

revision, down_revision, branch_labels, depends_on = "0024", "0023", None, None

_FORMER = "CAST((SELECT former_ids(caller_customer())) AS uuid[])"
_OWN = f"(SELECT caller_channel()) = 'internet' AND customer_id = ANY({_FORMER})"


def upgrade() -> None:
    """Make the tables."""
    op.execute(
        """
        -- As a read leaves it: without an index, for every read pays for what stands here. `filed` soon, in order.
        CREATE TABLE reads (
            at timestamptz NOT NULL DEFAULT now(),
            who bytea NOT NULL,
            customers bytea NOT NULL
        );

        -- No foreign key: it tells of the past, also of a customer that became part of another one.
        CREATE TABLE access_log (
            customer_id uuid NOT NULL,
            hour timestamptz NOT NULL,
            reader uuid NOT NULL,
            channel text NOT NULL,
            partner_id uuid,
            organisation text,
            actor text NOT NULL,
            role text NOT NULL,
            what text NOT NULL,
            purpose text NOT NULL,
            first_at timestamptz NOT NULL,
            last_at timestamptz NOT NULL,
            times bigint NOT NULL,
            PRIMARY KEY (customer_id, hour, reader)
        );
        CREATE INDEX ix_access_log_hour ON access_log USING brin (hour);

        -- Past the caller's rows on purpose: a person who asks is shown what was read a moment ago. It answers nothing.
        CREATE FUNCTION file_reads(most integer) RETURNS integer LANGUAGE plpgsql AS $$
        DECLARE caller text := caller_channel(); filed integer;
        BEGIN
            PERFORM pg_advisory_xact_lock(hashtextextended('file_reads', 0));
            PERFORM set_config('kopru.channel', 'system', true);
            WITH taken AS (
                DELETE FROM reads WHERE ctid = ANY(ARRAY(SELECT r.ctid FROM reads r LIMIT most))
                RETURNING at, who, customers),
            each_one AS (
                SELECT t.at, md5(t.who)::uuid AS reader, convert_from(t.who, 'UTF8')::jsonb AS who,
                    encode(substr(t.customers, 16 * n + 1, 16), 'hex')::uuid AS customer_id
                FROM taken t, generate_series(0, length(t.customers) / 16 - 1) n),
            summed AS (
                SELECT e.customer_id, date_trunc('hour', e.at, 'UTC') AS hour, e.reader, e.who,
                    min(e.at) AS first_at, max(e.at) AS last_at, count(*) AS times
                FROM each_one e GROUP BY 1, 2, 3, 4),
            kept AS (
                INSERT INTO access_log AS a
                SELECT s.customer_id, s.hour, s.reader, s.who ->> 'channel', (s.who ->> 'partner_id')::uuid, p.name,
                    s.who ->> 'actor', s.who ->> 'role', s.who ->> 'what', s.who ->> 'purpose',
                    s.first_at, s.last_at, s.times
                FROM summed s LEFT JOIN partners p ON p.id = (s.who ->> 'partner_id')::uuid
                ON CONFLICT (customer_id, hour, reader) DO UPDATE SET
                    first_at = least(a.first_at, excluded.first_at),
                    last_at = greatest(a.last_at, excluded.last_at),
                    times = a.times + excluded.times)
            SELECT count(*) INTO filed FROM taken;
            PERFORM set_config('kopru.channel', caller, true);
            RETURN filed;
        END $$;
        """
    )
    protect("reads", SYSTEM, ANYBODY)
    protect("access_log", f"{EVERYTHING} OR ({_OWN})", SYSTEM)
    keep("access_log")


def downgrade() -> None:
    """Remove them."""
    op.execute("DROP FUNCTION file_reads(integer); DROP TABLE access_log, reads")
