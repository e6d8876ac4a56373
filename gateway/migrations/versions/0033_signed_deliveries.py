"""Deliveries are known by what is signed of them, where their id is not."""

from alembic import op

revision, down_revision, branch_labels, depends_on = "0033", "0032", None, None


def upgrade() -> None:
    """Keep what was signed, in short; of older deliveries nobody knows it."""
    op.execute(
        """
        ALTER TABLE sync_received ADD COLUMN signed text COLLATE "C";
        CREATE UNIQUE INDEX uq_sync_received_signed ON sync_received (link_id, signed) WHERE signed IS NOT NULL;
        """
    )


def downgrade() -> None:
    """Know deliveries by their ids alone."""
    op.execute("ALTER TABLE sync_received DROP COLUMN signed")
