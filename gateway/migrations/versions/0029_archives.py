"""What a person is given of all that is kept comes in pieces, for it may be large."""

from alembic import op

from gateway.migrations.rls import EVERYTHING, keep, protect

revision, down_revision, branch_labels, depends_on = "0029", "0028", None, None


def upgrade() -> None:
    """Make the table; what is kept becomes one piece each."""
    op.execute(
        """
        CREATE TABLE access_archive_pieces (
            case_id uuid NOT NULL REFERENCES access_archives (case_id) ON DELETE CASCADE,
            number integer NOT NULL,
            content bytea NOT NULL,
            PRIMARY KEY (case_id, number)
        );
        ALTER TABLE access_archive_pieces ALTER COLUMN content SET STORAGE EXTERNAL;  -- it comes compressed
        -- An answer is whole once it says its size, and how many records it has of what.
        ALTER TABLE access_archives ADD COLUMN size bigint, ADD COLUMN sections jsonb;
        INSERT INTO access_archive_pieces SELECT case_id, 0, content FROM access_archives;
        UPDATE access_archives SET size = length(content), sections = '{}';
        ALTER TABLE access_archives DROP COLUMN content;
        """
    )
    # Who sees the archive sees its pieces.
    seen = "EXISTS (SELECT FROM access_archives a WHERE a.case_id = access_archive_pieces.case_id)"
    protect("access_archive_pieces", f"{EVERYTHING} OR ({seen})", EVERYTHING)
    keep("access_archive_pieces")


def downgrade() -> None:
    """Put the pieces together again; what is not whole is written anew."""
    op.execute(
        """
        DELETE FROM access_archives WHERE size IS NULL;
        ALTER TABLE access_archives ADD COLUMN content bytea;
        UPDATE access_archives a SET content = (
            SELECT string_agg(p.content, '' ORDER BY p.number) FROM access_archive_pieces p
            WHERE p.case_id = a.case_id);
        DROP TABLE access_archive_pieces;
        ALTER TABLE access_archives ALTER COLUMN content SET NOT NULL, DROP COLUMN size, DROP COLUMN sections;
        """
    )
