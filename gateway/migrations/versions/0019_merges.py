"""Which customers were merged into which, and how to take that back."""

revision, down_revision, branch_labels, depends_on = "0019", "0018", None, None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
