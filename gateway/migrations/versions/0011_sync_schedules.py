"""When links run by themselves."""

from alembic import op

revision, down_revision, branch_labels, depends_on = "0011", "0010", None, None


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
