"""What is told: registered types of events, and who may poll them."""

from alembic import op

from gateway.migrations.rls import ANYBODY, EVERYTHING, SYSTEM, keep, protect

revision, down_revision, branch_labels, depends_on = "0016", "0015", None, None

_CALLER_IS = "(SELECT caller_channel()) ="


def upgrade() -> None:
    """Keep the house's own types, and let partners and customers read the events that are theirs."""
    op.execute(
        """
        CREATE TABLE event_types (
            name text PRIMARY KEY,
            description text NOT NULL,
            schema jsonb NOT NULL,
            example jsonb NOT NULL,
            channels text[] NOT NULL,
            is_archived boolean NOT NULL DEFAULT false,
            version integer NOT NULL DEFAULT 1,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL
        );

        -- One row at most: up to where the oldest events have been removed.
        CREATE TABLE events_forgotten (
            is_row boolean PRIMARY KEY DEFAULT true CHECK (is_row),
            txid xid8 NOT NULL,
            position bigint NOT NULL
        );
        """
    )
    protect("event_types", f"{EVERYTHING} OR (SELECT caller_channel()) = ANY(channels)", EVERYTHING)
    keep("event_types")
    protect("events_forgotten", ANYBODY, SYSTEM)
    keep("events_forgotten")
    # Who could see a record when it changed, as a webhook has it; of a customer that is no longer shared, only its end.
    op.execute(
        f"""
        CREATE POLICY events_polled ON events FOR SELECT USING (
            ({_CALLER_IS} 'extranet' AND (SELECT caller_partner()) = ANY(partners) AND (
                customer_id IS NULL OR type IN ('customer.unshared', 'customer.deleted') OR EXISTS (
                    SELECT 1 FROM shares s
                    WHERE s.customer_id = events.customer_id AND s.partner_id = (SELECT caller_partner()))))
            OR ({_CALLER_IS} 'internet' AND is_for_customer AND customer_id = (SELECT caller_customer()))
        )
        """  # noqa: S608  # the condition is ours
    )
    # Whoever polls passes over what is hidden from them. These two know where it lies, answer places and nothing else,
    # so that one call reads a bounded stretch of the stream and not all of it in search of a page. (No `SET` clause:
    # for a setting of our own that takes a superuser.)
    op.execute(
        """
        CREATE FUNCTION events_stretch(after_txid xid8, after_position bigint, most integer)
            RETURNS TABLE (txid xid8, "position" bigint, number bigint) LANGUAGE plpgsql AS $$
        DECLARE caller text := caller_channel();
        BEGIN
            PERFORM set_config('kopru.channel', 'system', true);
            RETURN QUERY SELECT e.txid, e.position, count(*) OVER () FROM (
                SELECT each.txid, each.position FROM events each
                WHERE each.txid < pg_snapshot_xmin(pg_current_snapshot())
                  AND (each.txid, each.position) > (after_txid, after_position)
                ORDER BY each.txid, each.position LIMIT most) e
            ORDER BY e.txid DESC, e.position DESC LIMIT 1;
            PERFORM set_config('kopru.channel', caller, true);
        END $$;

        -- Ids begin with the moment of their making (RFC 9562, version 7) and are made in the transactions they commit
        -- with, so they grow with txid but for what long transactions put out of order.
        CREATE FUNCTION events_place(since uuid) RETURNS xid8 LANGUAGE plpgsql AS $$
        DECLARE
            caller text := caller_channel();
            low numeric := 0;
            high numeric := pg_snapshot_xmin(pg_current_snapshot())::text::numeric;
            middle numeric;
            seen uuid;
        BEGIN
            PERFORM set_config('kopru.channel', 'system', true);
            WHILE low < high LOOP
                middle := floor((low + high) / 2);
                seen := (SELECT e.id FROM events e WHERE e.txid >= middle::text::xid8
                         ORDER BY e.txid, e.position LIMIT 1);
                IF seen IS NULL OR seen >= since THEN high := middle; ELSE low := middle + 1; END IF;
            END LOOP;
            PERFORM set_config('kopru.channel', caller, true);
            RETURN low::text::xid8;
        END $$;
        """
    )


def downgrade() -> None:
    """Forget the types; only the house reads events."""
    op.execute(
        """
        DROP FUNCTION events_place(uuid);
        DROP FUNCTION events_stretch(xid8, bigint, integer);
        DROP POLICY events_polled ON events;
        DROP TABLE event_types, events_forgotten;
        """
    )
