"""Names turned to each of their words, phones backwards, the words that names are made of, and whose data was read."""

from uuid import UUID

from alembic import op
from sqlalchemy import text

from gateway.migrations.rls import ANYBODY, SYSTEM, keep, protect
from gateway.turkish import spelt

revision, down_revision, branch_labels, depends_on = "0021", "0020", None, None

_AT_ONCE = 5000


def upgrade() -> None:
    """Make the table, and turn the keys there are."""
    op.execute(
        """
        -- Words alone, and how many customers bear them: they name nobody.
        CREATE TABLE search_words (
            word text COLLATE "C" PRIMARY KEY,
            backwards text COLLATE "C" NOT NULL GENERATED ALWAYS AS (reverse(word)) STORED,
            customers bigint NOT NULL
        );
        CREATE INDEX ix_search_words_backwards ON search_words (backwards);
        CREATE INDEX ix_audit_entries_customer ON audit_entries (resource_id, at, id) WHERE resource = 'customer';

        DELETE FROM customer_keys WHERE key >= 'w' AND key < 'x' AND strpos(key, '@') = 0;
        UPDATE customer_keys SET key = 'e' || substr(key, 2) WHERE key >= 'w' AND key < 'x';
        UPDATE customer_keys SET key = 'p' || reverse(substr(key, 3)) WHERE key >= 'p' AND key < 'q';
        UPDATE customer_keys
            SET key = 'i' || substr(key, strpos(key, E'\\x1f') + 1) || E'\\x1f'
                || substr(key, 2, strpos(key, E'\\x1f') - 2)
            WHERE key >= 'i' AND key < 'j';
        """
    )
    protect("search_words", ANYBODY, SYSTEM)
    keep("search_words")
    _turn_names()


def downgrade() -> None:
    """Remove the table, and have a key for each word alone."""
    op.execute(
        """
        DROP INDEX ix_audit_entries_customer;
        DROP TABLE search_words;
        UPDATE customer_keys SET key = 'w' || split_part(substr(key, 3), E'\\t', 1) WHERE key >= 'w' AND key < 'x';
        UPDATE customer_keys SET key = 'w' || substr(key, 2) WHERE key >= 'e' AND key < 'f';
        UPDATE customer_keys SET key = 'p+' || reverse(substr(key, 2)) WHERE key >= 'p' AND key < 'q';
        UPDATE customer_keys
            SET key = 'i' || substr(key, length(key) - strpos(reverse(key), E'\\x1f') + 2) || E'\\x1f'
                || substr(key, 2, length(key) - strpos(reverse(key), E'\\x1f') - 1)
            WHERE key >= 'i' AND key < 'j';
        """
    )


def _turn_names() -> None:
    connection, after = op.get_bind(), UUID(int=0)
    read = text("SELECT id, display_name FROM customers WHERE id > :after ORDER BY id LIMIT :most")
    write = text(
        """
        INSERT INTO customer_keys (key, customer_id)
        SELECT * FROM unnest(CAST(:keys AS text[]), CAST(:ids AS uuid[]))
        """
    )
    while rows := connection.execute(read, {"after": after, "most": _AT_ONCE}).all():
        keys = [(key, customer_id) for customer_id, name in rows for key in _keys(name)]
        if keys:
            connection.execute(write, {"keys": [key for key, _ in keys], "ids": [each for _, each in keys]})
        after = rows[-1][0]


def _keys(name: str) -> set[str]:
    """As the gateway of this version writes them."""
    words = [f" {folded}\t{'' if spelling == folded else spelling}" for folded, spelling in spelt(name)[:24]]
    while sum(map(len, words)) > 320:
        words.pop()
    return {f"w{''.join(words[at:] + words[:at])} " for at in range(len(words))}
