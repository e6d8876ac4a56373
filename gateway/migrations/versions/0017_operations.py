"""Long work in the background that can be followed and cancelled, and how long messages are kept."""

revision, down_revision, branch_labels, depends_on = "0017", "0016", None, None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
