"""What makes taking over a page cheaper."""

from alembic import op

revision, down_revision, branch_labels, depends_on = "0012", "0011", None, None


def upgrade() -> None:
    """Nothing yet."""
    op.execute(
        """
        SELECT 1
        """
    )


def downgrade() -> None:
    """Nothing yet."""
    op.execute(
        """
        SELECT 1
        """
    )
