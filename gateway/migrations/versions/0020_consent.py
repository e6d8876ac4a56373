"""What customers have agreed to, and how often they may be contacted."""

revision, down_revision, branch_labels, depends_on = "0020", "0019", None, None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
