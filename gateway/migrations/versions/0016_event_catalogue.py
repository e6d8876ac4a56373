"""What is told: registered types of events, and who may poll them."""

revision, down_revision, branch_labels, depends_on = "0016", "0015", None, None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
