"""What passes between a link and its partner: budgets, circuits, requests, and what comes to our door."""

from alembic import op

revision, down_revision, branch_labels, depends_on = "0010", "0009", None, None


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
