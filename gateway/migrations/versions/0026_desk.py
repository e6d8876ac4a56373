"""The desk: matters, queues, and the work in them."""

from alembic import op

from gateway.migrations.rls import EVERYTHING, keep, protect

revision, down_revision, branch_labels, depends_on = "0026", "0025", None, None

_TABLES = (
    "desk_item_steps",
    "desk_items",
    "matter_interactions",
    "matter_entries",
    "matters",
    "desk_queues",
    "dispositions",
)
_INTERNET, _EXTRANET = "(SELECT caller_channel()) = 'internet'", "(SELECT caller_channel()) = 'extranet'"
_SHARED = (
    "EXISTS (SELECT 1 FROM shares s "
    "WHERE s.customer_id = matters.customer_id AND s.partner_id = (SELECT caller_partner()))"
)
_OF_MATTER = "EXISTS (SELECT 1 FROM matters m WHERE m.id = matter_id)"  # as far as the caller sees it


def upgrade() -> None:
    """Make the tables."""
    op.execute(
        """
        CREATE TABLE desk_queues (
            id uuid PRIMARY KEY,
            name text NOT NULL CONSTRAINT uq_desk_queues_name UNIQUE,
            team text,
            target_seconds integer NOT NULL CHECK (target_seconds > 0),
            target_percent smallint NOT NULL CHECK (target_percent BETWEEN 1 AND 100),
            lease_minutes integer NOT NULL CHECK (lease_minutes > 0),
            service_points text[] NOT NULL,
            is_archived boolean NOT NULL,
            version integer NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL
        );
        CREATE TABLE matters (
            id uuid PRIMARY KEY,
            number text NOT NULL CONSTRAINT uq_matters_number UNIQUE,
            customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
            partner_id uuid REFERENCES partners (id),
            partner text,
            subject text NOT NULL,
            description text,
            kind text NOT NULL,
            status text NOT NULL CHECK (status IN ('open', 'pending', 'solved', 'closed')),
            priority smallint NOT NULL CHECK (priority BETWEEN 0 AND 3),
            service_point text NOT NULL,
            owner text,
            queue_id uuid REFERENCES desk_queues (id),
            is_internal boolean NOT NULL,
            opened_by text NOT NULL,
            opened_at timestamptz NOT NULL,
            first_response_due_at timestamptz NOT NULL,
            first_responded_at timestamptz,
            due_at timestamptz NOT NULL,
            pending_since timestamptz,
            escalated_at timestamptz,
            solved_at timestamptz,
            closed_at timestamptz,
            reopened integer NOT NULL,
            version integer NOT NULL,
            updated_at timestamptz NOT NULL,
            CONSTRAINT ck_matters_partner CHECK ((partner_id IS NULL) = (partner IS NULL)),
            CONSTRAINT ck_matters_pending CHECK ((status = 'pending') = (pending_since IS NOT NULL)),
            CONSTRAINT ck_matters_closed CHECK ((status = 'closed') = (closed_at IS NOT NULL))
        );
        CREATE INDEX ix_matters_customer_id ON matters (customer_id, status);
        CREATE INDEX ix_matters_partner_id ON matters (partner_id, updated_at, id) WHERE partner_id IS NOT NULL;
        CREATE INDEX ix_matters_updated_at ON matters (updated_at, id);
        CREATE INDEX ix_matters_open ON matters (due_at) WHERE status = 'open' AND escalated_at IS NULL;
        CREATE INDEX ix_matters_opened_at ON matters (opened_at) WHERE status = 'open';
        CREATE INDEX ix_matters_solved_at ON matters (solved_at) WHERE status = 'solved';

        CREATE TABLE matter_entries (
            id uuid PRIMARY KEY,
            matter_id uuid NOT NULL REFERENCES matters (id) ON DELETE CASCADE,
            at timestamptz NOT NULL,
            actor text NOT NULL,
            partner text,
            kind text NOT NULL,
            visibility text NOT NULL CHECK (visibility IN ('internal', 'partner', 'shared')),
            text text,
            detail jsonb NOT NULL
        );
        CREATE INDEX ix_matter_entries_matter_id ON matter_entries (matter_id, at, id);

        CREATE TABLE matter_interactions (
            interaction_id uuid PRIMARY KEY REFERENCES interactions (id) ON DELETE CASCADE,
            matter_id uuid NOT NULL REFERENCES matters (id) ON DELETE CASCADE,
            added_at timestamptz NOT NULL
        );
        CREATE INDEX ix_matter_interactions_matter_id ON matter_interactions (matter_id);

        CREATE TABLE desk_items (
            id uuid PRIMARY KEY,
            queue_id uuid NOT NULL REFERENCES desk_queues (id),
            kind text NOT NULL CHECK (kind IN ('callback', 'follow_up', 'matter', 'referral')),
            status text NOT NULL CHECK (status IN ('waiting', 'claimed', 'done')),
            customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
            matter_id uuid REFERENCES matters (id) ON DELETE CASCADE,
            subject text NOT NULL,
            note text,
            priority smallint NOT NULL CHECK (priority BETWEEN 0 AND 3),
            skills text[] NOT NULL,
            waiting_since timestamptz NOT NULL,
            ready_at timestamptz NOT NULL,
            due_at timestamptz NOT NULL,
            answered_at timestamptz,
            assigned_to text,
            claimed_by text,
            leased_until timestamptz,
            channel text,
            contact_point uuid,
            purpose text,
            against jsonb NOT NULL,
            outcome text,
            created_by text NOT NULL,
            created_at timestamptz NOT NULL,
            done_at timestamptz,
            CONSTRAINT ck_desk_items_claim CHECK (
                (status = 'claimed') = (claimed_by IS NOT NULL) AND (status = 'claimed') = (leased_until IS NOT NULL)
            ),
            CONSTRAINT ck_desk_items_done CHECK ((status = 'done') = (done_at IS NOT NULL))
        );
        -- In the order in which they are taken.
        CREATE INDEX ix_desk_items_next ON desk_items (queue_id, priority, due_at, id) WHERE status <> 'done';
        CREATE INDEX ix_desk_items_customer_id ON desk_items (customer_id, status);
        CREATE INDEX ix_desk_items_matter_id ON desk_items (matter_id) WHERE matter_id IS NOT NULL;
        CREATE INDEX ix_desk_items_due_at ON desk_items (due_at, id);
        CREATE INDEX ix_desk_items_leased_until ON desk_items (leased_until) WHERE status = 'claimed';

        CREATE TABLE desk_item_steps (
            id uuid PRIMARY KEY,
            item_id uuid NOT NULL REFERENCES desk_items (id) ON DELETE CASCADE,
            queue_id uuid NOT NULL,
            at timestamptz NOT NULL,
            actor text NOT NULL,
            action text NOT NULL,
            note text,
            waited_seconds integer
        );
        CREATE TABLE dispositions (
            code text PRIMARY KEY,
            english text NOT NULL,
            turkish text NOT NULL,
            is_reached boolean NOT NULL,
            effect text NOT NULL CHECK (effect IN ('none', 'wrong_number', 'do_not_contact', 'callback')),
            is_archived boolean NOT NULL,
            version integer NOT NULL,
            updated_at timestamptz NOT NULL
        );
        CREATE INDEX ix_desk_item_steps_item_id ON desk_item_steps (item_id, at);
        CREATE INDEX ix_desk_item_steps_answered ON desk_item_steps (queue_id, at) INCLUDE (waited_seconds)
            WHERE waited_seconds IS NOT NULL;
        """
    )
    for table in ("desk_queues", "desk_items", "desk_item_steps", "dispositions"):
        protect(table)
    _protect_matters()


def _protect_matters() -> None:
    """A customer has their own that are not kept from them, a partner those that it works on, of customers it sees."""
    own = f"{_INTERNET} AND customer_id = (SELECT caller_customer()) AND NOT is_internal"
    theirs = f"{_EXTRANET} AND partner_id = (SELECT caller_partner()) AND {_SHARED}"
    protect("matters", f"{EVERYTHING} OR ({own}) OR ({theirs})")
    said = f"({_INTERNET} AND visibility = 'shared') OR ({_EXTRANET} AND visibility <> 'internal')"
    protect("matter_entries", f"{EVERYTHING} OR (({said}) AND {_OF_MATTER})")
    protect("matter_interactions", f"{EVERYTHING} OR {_OF_MATTER}", f"{EVERYTHING} OR ({_EXTRANET} AND {_OF_MATTER})")
    for table in ("matters", "matter_entries", "matter_interactions"):
        keep(table)


def downgrade() -> None:
    """Remove the tables."""
    op.execute(f"DROP TABLE {', '.join(_TABLES)}")
