"""Tables of interactions."""

from alembic import op

revision, down_revision, branch_labels, depends_on = "0005", "0004", None, None


def upgrade() -> None:
    """Make the tables."""
    op.execute("SELECT 1")


def downgrade() -> None:
    """Remove the tables."""
    op.execute("SELECT 1")
