"""What customers have agreed to, when they may be contacted, and how often."""

from alembic import op

from gateway.migrations.rls import EVERYTHING, keep, protect

revision, down_revision, branch_labels, depends_on = "0020", "0019", None, None

_TABLES = (
    "consent_purposes",
    "consent_statements",
    "consent_confirmations",
    "contact_preferences",
    "contact_reservations",
    "contact_rules",
)
_CALLER_IS = "(SELECT caller_channel()) ="
_AT_A_DOOR = "(SELECT caller_channel()) IN ('internet', 'extranet', 'intranet', 'system')"
_OWN = "partner_id = (SELECT caller_partner())"
_SHARED = (
    "EXISTS (SELECT 1 FROM shares s WHERE s.customer_id = {}.customer_id AND s.partner_id = (SELECT caller_partner()))"
)
_HIMSELF = "customer_id = (SELECT caller_customer())"


def upgrade() -> None:
    """Make the tables."""
    op.execute(
        """
        -- Those of the house; a few are known without standing here.
        CREATE TABLE consent_purposes (
            code text PRIMARY KEY,
            english text NOT NULL,
            turkish text NOT NULL,
            basis text NOT NULL CHECK (basis IN ('consent', 'legitimate_interest', 'legal')),
            is_allowed_by_default boolean NOT NULL,
            is_archived boolean NOT NULL,
            version integer NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            CONSTRAINT ck_consent_purposes_default CHECK (
                is_allowed_by_default = (basis = 'legal') OR basis = 'legitimate_interest'
            )
        );

        -- `said_of` is the record it was said of, `moves` the records it stood at later and since when.
        CREATE TABLE consent_statements (
            id uuid PRIMARY KEY,
            customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
            said_of uuid NOT NULL,
            moves jsonb NOT NULL DEFAULT '[]',
            purpose text,
            channel text NOT NULL,
            contact_point uuid,
            contact_value text,
            decision text NOT NULL CHECK (decision IN ('granted', 'withdrawn')),
            audience text NOT NULL CHECK (audience IN ('all', 'house', 'partner')),
            partner_id uuid REFERENCES partners (id),
            partner text,
            said_at timestamptz NOT NULL,
            valid_until timestamptz,
            source text NOT NULL,
            evidence jsonb NOT NULL,
            recorded_at timestamptz NOT NULL,
            recorded_by text NOT NULL,
            recorder_id uuid REFERENCES partners (id),
            recorder text,
            CONSTRAINT ck_consent_statements_audience CHECK ((audience = 'partner') = (partner_id IS NOT NULL)),
            CONSTRAINT ck_consent_statements_point CHECK ((contact_point IS NULL) = (contact_value IS NULL))
        );
        CREATE INDEX ix_consent_statements_customer_id ON consent_statements (customer_id, said_at, id);

        CREATE FUNCTION refuse_other_words() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF to_jsonb(new) - '{customer_id,moves}'::text[] <> to_jsonb(old) - '{customer_id,moves}'::text[] THEN
                RAISE EXCEPTION 'what a customer has said is written once and never changed';
            END IF;
            RETURN new;
        END $$;
        CREATE TRIGGER consent_statements_written_once BEFORE UPDATE ON consent_statements
            FOR EACH ROW EXECUTE FUNCTION refuse_other_words();

        CREATE TABLE consent_confirmations (
            id uuid PRIMARY KEY,
            customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
            partner_id uuid REFERENCES partners (id),
            partner text,
            audience text NOT NULL CHECK (audience IN ('all', 'house', 'partner')),
            purpose text NOT NULL,
            channel text NOT NULL,
            contact_point uuid NOT NULL,
            contact_value text NOT NULL,
            wording text,
            mark text,
            status text NOT NULL CHECK (status IN ('pending', 'confirmed')),
            requested_by text NOT NULL,
            requested_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            confirmed_at timestamptz,
            CONSTRAINT ck_consent_confirmations_audience CHECK ((audience = 'partner') = (partner_id IS NOT NULL))
        );
        CREATE INDEX ix_consent_confirmations_customer_id ON consent_confirmations (customer_id);
        CREATE INDEX ix_consent_confirmations_expires_at ON consent_confirmations (expires_at);

        CREATE TABLE contact_preferences (
            customer_id uuid PRIMARY KEY REFERENCES customers (id) ON DELETE CASCADE,
            preferred_channel text,
            preferred_hours jsonb NOT NULL,
            quiet_hours jsonb NOT NULL,
            time_zone text,
            is_restricted boolean NOT NULL,
            version integer NOT NULL,
            updated_at timestamptz NOT NULL
        );

        -- One row at most: what the house has laid down itself.
        CREATE TABLE contact_rules (
            is_row boolean PRIMARY KEY DEFAULT true CHECK (is_row),
            time_zone text NOT NULL,
            quiet_hours jsonb NOT NULL,
            caps jsonb NOT NULL,
            reservation_minutes integer NOT NULL CHECK (reservation_minutes > 0),
            version integer NOT NULL,
            updated_at timestamptz NOT NULL
        );

        CREATE TABLE contact_reservations (
            id uuid PRIMARY KEY,
            customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
            purpose text NOT NULL,
            channel text NOT NULL,
            contact_point uuid,
            partner_id uuid REFERENCES partners (id),
            contact_at timestamptz NOT NULL,
            status text NOT NULL CHECK (status IN ('reserved', 'confirmed', 'released')),
            expires_at timestamptz NOT NULL,
            reserved_by text NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL
        );
        CREATE INDEX ix_contact_reservations_customer_id ON contact_reservations (customer_id, contact_at)
            WHERE status <> 'released';
        CREATE INDEX ix_contact_reservations_contact_at ON contact_reservations (contact_at);

        -- Everybody's contacts are counted, whoever asks; it answers when they are and nothing about whose.
        CREATE FUNCTION contacts_taken(customer uuid, since timestamptz, until timestamptz)
            RETURNS TABLE (purpose text, channel text, contact_at timestamptz) LANGUAGE plpgsql AS $$
        DECLARE caller text := caller_channel();
        BEGIN
            PERFORM set_config('kopru.channel', 'system', true);
            RETURN QUERY SELECT r.purpose, r.channel, r.contact_at FROM contact_reservations r
                WHERE r.customer_id = customer AND r.contact_at > since AND r.contact_at < until
                  AND (r.status = 'confirmed' OR (r.status = 'reserved' AND r.expires_at > clock_timestamp()));
            PERFORM set_config('kopru.channel', caller, true);
        END $$;

        -- Customers may speak about the partners that see them, and learn of no other.
        CREATE FUNCTION partner_sharing(customer uuid, named text) RETURNS uuid LANGUAGE plpgsql AS $$
        DECLARE caller text := caller_channel(); found uuid;
        BEGIN
            PERFORM set_config('kopru.channel', 'system', true);
            found := (SELECT p.id FROM partners p JOIN shares s ON s.partner_id = p.id
                      WHERE p.code = named AND s.customer_id = customer);
            PERFORM set_config('kopru.channel', caller, true);
            RETURN found;
        END $$;
        """
    )
    for table in ("consent_purposes", "contact_rules"):
        protect(table, _AT_A_DOOR, EVERYTHING)
        keep(table)
    _protect_statements()
    shared = _SHARED.format("contact_preferences")
    himself = f"({_CALLER_IS} 'internet' AND {_HIMSELF})"
    sees = f"{EVERYTHING} OR {himself} OR ({_CALLER_IS} 'extranet' AND {shared})"
    protect("contact_preferences", sees, f"{EVERYTHING} OR {himself}")
    keep("contact_preferences")
    for table in ("contact_reservations", "consent_confirmations"):
        own = f"{_CALLER_IS} 'extranet' AND {_OWN} AND {_SHARED.format(table)}"
        protect(table, f"{EVERYTHING} OR ({own})")
        keep(table)


def _protect_statements() -> None:
    """A partner reads what concerns itself, speaks for itself, and may pass on that nobody is to contact a customer."""
    shared = _SHARED.format("consent_statements")
    himself = f"({_CALLER_IS} 'internet' AND {_HIMSELF}"
    sees = f"{EVERYTHING} OR {himself}) OR ({_CALLER_IS} 'extranet' AND (audience = 'all' OR {_OWN}) AND {shared})"
    speaks = f"recorder_id = (SELECT caller_partner()) AND ({_OWN} OR (audience = 'all' AND decision = 'withdrawn'))"
    protect(
        "consent_statements",
        sees,
        f"{EVERYTHING} OR {himself} AND recorder_id IS NULL) OR ({_CALLER_IS} 'extranet' AND {speaks} AND {shared})",
    )
    keep("consent_statements")
    op.execute(
        f"CREATE POLICY consent_statements_stay ON consent_statements AS RESTRICTIVE FOR UPDATE USING ({EVERYTHING})"
    )


def downgrade() -> None:
    """Remove the tables."""
    for table in _TABLES:
        op.execute(f"DROP TABLE {table}")
    op.execute(
        """
        DROP FUNCTION refuse_other_words();
        DROP FUNCTION contacts_taken(uuid, timestamptz, timestamptz);
        DROP FUNCTION partner_sharing(uuid, text);
        """
    )
