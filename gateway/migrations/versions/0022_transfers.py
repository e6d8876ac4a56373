"""Files that come in and go out."""

revision, down_revision, branch_labels, depends_on = "0022", "0021", None, None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
