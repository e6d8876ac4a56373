"""Partners and what their agreements grant."""

from alembic import op

from gateway.migrations.rls import EVERYTHING, protect

revision, down_revision, branch_labels, depends_on = "0002", "0001", None, None


def upgrade() -> None:
    """Make the tables."""
    op.execute(
        """
        CREATE TABLE partners (
            id uuid PRIMARY KEY,
            code text NOT NULL CONSTRAINT uq_partners_code UNIQUE CHECK (code ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
            name text NOT NULL,
            status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
            granted_fields text[] NOT NULL DEFAULT '{}',
            version integer NOT NULL DEFAULT 1,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL
        )
        """
    )
    protect("partners", f"{EVERYTHING} OR id = (SELECT caller_partner())", EVERYTHING)


def downgrade() -> None:
    """Remove the tables."""
    op.execute("DROP TABLE partners")
