"""Kinds of runs: besides the ordinary one, those that list everything, preview, replay or look at a part."""

from alembic import op

revision, down_revision, branch_labels, depends_on = "0009", "0008", None, None


def upgrade() -> None:
    """Add the columns."""
    op.execute(
        """
        ALTER TABLE sync_runs ADD COLUMN mode text NOT NULL DEFAULT 'normal';
        ALTER TABLE sync_runs ADD COLUMN options jsonb NOT NULL DEFAULT '{}';
        """
    )


def downgrade() -> None:
    """Remove the columns."""
    op.execute(
        """
        ALTER TABLE sync_runs DROP COLUMN options;
        ALTER TABLE sync_runs DROP COLUMN mode;
        """
    )
