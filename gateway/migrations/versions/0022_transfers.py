"""Files that come in and go out, and what the house declares of its customers' attributes."""

from alembic import op

from gateway.migrations.rls import EVERYTHING, protect

revision, down_revision, branch_labels, depends_on = "0022", "0021", None, None


def upgrade() -> None:
    """Make the tables."""
    op.execute(
        """
        CREATE TABLE transfers (
            id uuid PRIMARY KEY,
            direction text NOT NULL CHECK (direction IN ('in', 'out')),
            channel text NOT NULL CHECK (channel IN ('extranet', 'intranet')),
            partner_id uuid REFERENCES partners (id) ON DELETE CASCADE,
            owner_key text NOT NULL,
            format text NOT NULL CHECK (format IN ('csv', 'xlsx', 'jsonl')),
            about jsonb NOT NULL,
            rows bigint NOT NULL,
            pieces integer NOT NULL,
            size bigint NOT NULL,
            operation_id uuid,
            created_by text NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT ck_transfers_owner CHECK ((partner_id IS NOT NULL) = (channel = 'extranet'))
        );
        CREATE TABLE transfer_pieces (
            transfer_id uuid NOT NULL REFERENCES transfers (id) ON DELETE CASCADE,
            part text NOT NULL CHECK (part IN ('rows', 'errors', 'file')),
            number integer NOT NULL,
            partner_id uuid,
            content bytea NOT NULL,
            PRIMARY KEY (transfer_id, part, number)
        );
        ALTER TABLE transfer_pieces ALTER COLUMN content SET STORAGE EXTERNAL;  -- it comes compressed

        CREATE TABLE attribute_definitions (
            name text COLLATE "C" PRIMARY KEY,
            title_en text NOT NULL,
            title_tr text NOT NULL,
            type text NOT NULL CHECK (
                type IN ('string', 'number', 'integer', 'boolean', 'date', 'enum', 'list')
            ),
            choices text[],
            minimum double precision,
            maximum double precision,
            is_required boolean NOT NULL,
            version integer NOT NULL,
            created_by text NOT NULL,
            created_at timestamptz NOT NULL
        );
        """
    )
    own = "partner_id = (SELECT caller_partner()) AND (SELECT caller_channel()) = 'extranet'"
    protect("transfers", f"{EVERYTHING} OR ({own})")
    protect("transfer_pieces", f"{EVERYTHING} OR ({own})")
    outside = "(SELECT caller_channel()) IN ('extranet', 'internet')"  # whoever writes is held to them
    protect("attribute_definitions", f"{EVERYTHING} OR {outside}", EVERYTHING)


def downgrade() -> None:
    """Remove the tables."""
    op.execute("DROP TABLE attribute_definitions, transfer_pieces, transfers")
