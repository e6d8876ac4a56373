"""The words customers are searched by."""

revision, down_revision, branch_labels, depends_on = "0021", "0020", None, None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
