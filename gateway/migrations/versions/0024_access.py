"""Who looked at customers and why, what went to whom, and what a person is given of all that is kept."""

from alembic import op

from gateway.migrations.rls import ANYBODY, EVERYTHING, SYSTEM, keep, protect

revision, down_revision, branch_labels, depends_on = "0024", "0023", None, None

_FORMER = "CAST((SELECT former_ids(caller_customer())) AS uuid[])"
_OWN = f"(SELECT caller_channel()) = 'internet' AND customer_id = ANY({_FORMER})"

# What a table tells of what went to partners: customer_id, partner_id, way, what, first_at, last_at, times. `{rows}`
# are its own, or those that are deleted from it.
_TOLD = {
    "access_log": """
        SELECT a.customer_id, a.partner_id, CASE a.what WHEN 'exports' THEN 'export' ELSE 'read' END AS way, a.what,
            a.first_at, a.last_at, a.times
        FROM {rows} a WHERE a.partner_id IS NOT NULL AND a.channel = 'extranet'
    """,
    "webhook_deliveries": """
        SELECT d.customer_id, e.partner_id, 'webhook' AS way, d.type AS what, d.due_at, d.due_at, 1
        FROM {rows} d JOIN webhook_endpoints e ON e.id = d.endpoint_id
        WHERE d.status = 'delivered' AND d.customer_id IS NOT NULL AND e.partner_id IS NOT NULL
    """,
    "sync_references": """
        SELECT coalesce(i.customer_id, r.record_id) AS customer_id, l.partner_id, 'sync' AS way, r.stream AS what,
            r.first_sent_at, r.last_sent_at, 1
        FROM {rows} r JOIN sync_links l ON l.id = r.link_id
        LEFT JOIN interactions i ON r.stream = 'interactions' AND i.id = r.record_id
        WHERE r.first_sent_at IS NOT NULL AND (r.stream = 'customers' OR i.id IS NOT NULL)
    """,
}
# Whatever is deleted, by whom and why ever: that it went to a partner is kept.
_KEPT = """
    CREATE FUNCTION keep_{table}_told() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE caller text := caller_channel();
    BEGIN
        PERFORM set_config('kopru.channel', 'system', true);
        INSERT INTO disclosures AS d (customer_id, partner_id, way, what, first_at, last_at, times)
        SELECT t.customer_id, t.partner_id, t.way, t.what, min(t.first_at), max(t.last_at), sum(t.times)
        FROM ({told}) AS t (customer_id, partner_id, way, what, first_at, last_at, times)
        GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        ON CONFLICT (customer_id, partner_id, way, what) DO UPDATE SET
            first_at = least(d.first_at, excluded.first_at),
            last_at = greatest(d.last_at, excluded.last_at),
            times = d.times + excluded.times;
        PERFORM set_config('kopru.channel', coalesce(caller, ''), true);
        RETURN NULL;
    END $$;
    CREATE TRIGGER {table}_were_told AFTER DELETE ON {table} REFERENCING OLD TABLE AS gone
        FOR EACH STATEMENT EXECUTE FUNCTION keep_{table}_told();
"""
_DISCLOSURES = f"""
    ALTER TABLE sync_references ADD COLUMN first_sent_at timestamptz, ADD COLUMN last_sent_at timestamptz;

    -- What went to partners and stands nowhere else any more.
    CREATE TABLE disclosures (
        customer_id uuid NOT NULL,
        partner_id uuid NOT NULL,
        way text NOT NULL CHECK (way IN ('read', 'export', 'webhook', 'sync')),
        what text NOT NULL,
        first_at timestamptz NOT NULL,
        last_at timestamptz NOT NULL,
        times bigint NOT NULL,
        PRIMARY KEY (customer_id, partner_id, way, what)
    );

    -- Past the caller's rows on purpose: a person is told everything of themselves, and nothing of anybody else.
    CREATE FUNCTION disclosed(customer uuid) RETURNS TABLE (
        partner text, organisation text, way text, what text, first_at timestamptz, last_at timestamptz, times bigint
    ) LANGUAGE plpgsql AS $$
    DECLARE caller text := caller_channel(); ids uuid[];
    BEGIN
        IF caller IN ('intranet', 'system') OR (caller = 'internet' AND customer = caller_customer()) THEN
            ids := former_ids(customer);
        ELSE
            RETURN;
        END IF;
        PERFORM set_config('kopru.channel', 'system', true);
        RETURN QUERY
            SELECT p.code, p.name, t.way, t.what, min(t.first_at),
                CASE WHEN bool_and(t.last_at IS NOT NULL) THEN max(t.last_at) END, sum(t.times)::bigint
            FROM (
                SELECT d.partner_id, d.way, d.what, d.first_at, d.last_at, d.times FROM disclosures d
                WHERE d.customer_id = ANY(ids)
                UNION ALL SELECT s.partner_id, 'share', s.ground, s.shared_at, NULL, 1 FROM shares s
                WHERE s.customer_id = ANY(ids)
                UNION ALL SELECT s.partner_id, 'share', s.ground, s.shared_at, s.ended_at, 1 FROM past_shares s
                WHERE s.customer_id = ANY(ids)
                UNION ALL SELECT a.partner_id, a.way, a.what, a.first_at, a.last_at, a.times
                FROM ({_TOLD["access_log"].format(rows="access_log")}) a WHERE a.customer_id = ANY(ids)
                UNION ALL SELECT d.partner_id, d.way, d.what, d.first_at, d.last_at, d.times
                FROM ({_TOLD["webhook_deliveries"].format(rows="webhook_deliveries")})
                    AS d (customer_id, partner_id, way, what, first_at, last_at, times)
                WHERE d.customer_id = ANY(ids)
                UNION ALL SELECT l.partner_id, 'sync', r.stream, r.first_sent_at, r.last_sent_at, 1
                FROM sync_references r JOIN sync_links l ON l.id = r.link_id
                WHERE r.first_sent_at IS NOT NULL AND (r.record_id = ANY(ids) OR r.record_id IN (
                    SELECT i.id FROM interactions i WHERE i.customer_id = ANY(ids)))
            ) t JOIN partners p ON p.id = t.partner_id
            GROUP BY p.code, p.name, t.way, t.what;
        PERFORM set_config('kopru.channel', caller, true);
    END $$;
"""  # noqa: S608  # our own text

_HIMSELF = "(SELECT caller_channel()) = 'internet' AND customer_id = (SELECT caller_customer())"
_ANSWERS = """
    CREATE TABLE access_archives (
        case_id uuid PRIMARY KEY,
        customer_id uuid NOT NULL,
        content bytea NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL
    );
    ALTER TABLE access_archives ALTER COLUMN content SET STORAGE EXTERNAL;  -- it comes compressed
    CREATE INDEX ix_access_archives_customer_id ON access_archives (customer_id);
    CREATE INDEX ix_access_archives_expires_at ON access_archives (expires_at);

    -- One for each time that a customer was restricted; in force until it is lifted, which is told some days before.
    CREATE TABLE restrictions (
        id uuid PRIMARY KEY,
        customer_id uuid NOT NULL,
        case_id uuid NOT NULL,
        since timestamptz NOT NULL,
        lift_at timestamptz,
        lift_reason text,
        told_at timestamptz,
        lifted_at timestamptz,
        CONSTRAINT ck_restrictions_lifting CHECK ((lift_at IS NULL) = (told_at IS NULL))
    );
    CREATE INDEX ix_restrictions_customer_id ON restrictions (customer_id, since);
    CREATE INDEX ix_restrictions_lift_at ON restrictions (lift_at) WHERE lifted_at IS NULL;

    -- Past the caller's rows on purpose: a partner that changes a customer is refused, and learns that alone.
    CREATE FUNCTION is_restricted(customer uuid) RETURNS boolean LANGUAGE plpgsql AS $$
    DECLARE caller text := caller_channel(); found boolean;
    BEGIN
        PERFORM set_config('kopru.channel', 'system', true);
        found := EXISTS (SELECT FROM restrictions r WHERE r.customer_id = customer AND r.lifted_at IS NULL);
        PERFORM set_config('kopru.channel', coalesce(caller, ''), true);
        RETURN found;
    END $$;
"""


def upgrade() -> None:
    """Make the tables."""
    op.execute(
        """
        -- As a read leaves it: without an index, for every read pays for what stands here. `filed` soon, in order.
        CREATE TABLE reads (
            at timestamptz NOT NULL DEFAULT now(),
            who bytea NOT NULL,
            customers bytea NOT NULL
        ) WITH (toast_tuple_target = 8160);
        ALTER TABLE reads ALTER COLUMN customers SET STORAGE EXTERNAL;  -- ids cannot be compressed

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
    op.execute(_DISCLOSURES)
    op.execute(_ANSWERS)
    for table, told in _TOLD.items():
        op.execute(_KEPT.format(table=table, told=told.format(rows="gone")))
    protect("access_archives", f"{EVERYTHING} OR ({_HIMSELF})", EVERYTHING)
    keep("access_archives")
    protect("restrictions", f"{EVERYTHING} OR ({_HIMSELF})", EVERYTHING)
    keep("restrictions")
    protect("disclosures")
    keep("disclosures")
    protect("reads", SYSTEM, ANYBODY)
    protect("access_log", f"{EVERYTHING} OR ({_OWN})", SYSTEM)
    keep("access_log")


def downgrade() -> None:
    """Remove them."""
    for table in _TOLD:
        op.execute(f"DROP TRIGGER {table}_were_told ON {table}; DROP FUNCTION keep_{table}_told()")
    op.execute(
        """
        ALTER TABLE sync_references DROP COLUMN first_sent_at, DROP COLUMN last_sent_at;
        DROP FUNCTION file_reads(integer), disclosed(uuid), is_restricted(uuid);
        DROP TABLE restrictions, access_archives, disclosures, access_log, reads;
        """
    )
