"""Where each field of a record came from, and what each partner said last."""

from alembic import op

revision, down_revision, branch_labels, depends_on = "0008", "0007", None, None


def upgrade() -> None:
    """Add the columns."""
    op.execute(
        """
        ALTER TABLE customers ADD COLUMN sources jsonb NOT NULL DEFAULT '{}';
        ALTER TABLE interactions ADD COLUMN sources jsonb NOT NULL DEFAULT '{}';
        ALTER TABLE sync_references ADD COLUMN said bytea;
        """
    )


def downgrade() -> None:
    """Remove the columns."""
    op.execute(
        """
        ALTER TABLE sync_references DROP COLUMN said;
        ALTER TABLE interactions DROP COLUMN sources;
        ALTER TABLE customers DROP COLUMN sources;
        """
    )
