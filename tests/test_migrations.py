"""A database of an older version is brought up to date with all that is in it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from gateway import migrations
from gateway.embedded import PostgresServer

_WRITE = """
    INSERT INTO customers (id, kind, display_name, status, contact_points, identifiers, attributes, sort_key, city_key,
                           created_at, updated_at)
        VALUES (gen_random_uuid(), 'person', 'Işıl Öğüt', 'active', '[{"kind": "email", "value": "isil@example.com"}]',
                '[]', '{"renk": "kırmızı"}', 'isil', 'izmir', now(), now());
    INSERT INTO customer_keys (customer_id, kind, key) SELECT c.id, k.* FROM customers c, (VALUES
        ('word', 'isil'), ('word', 'isil@example.com'), ('email', 'isil@example.com'), ('phone', '+905321112233'),
        ('tax_id', '10000000146'), ('identifier', E'erp\x1f1')) AS k;
    INSERT INTO events (id, type, resource_id, occurred_at, changed, record, partners, is_for_customer, origin, actor)
        SELECT gen_random_uuid(), 'customer.created', id, now(), '{}', jsonb_build_object('id', id), '{}', true, '', ''
        FROM customers;
"""


@pytest.fixture
def old(postgres: PostgresServer, worker: str) -> Iterator[str]:
    """The address of a database as version 0012 left it, with one customer."""
    name = f"kopru_old_{worker}"
    postgres.drop_database(name)
    url = postgres.create_database(name)
    migrations.upgrade(url, "0012")
    with _opened(url) as connection:
        connection.execute(_WRITE.encode())
    yield url
    postgres.drop_database(name)


def _opened(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url.replace("+psycopg", ""), options="-c kopru.channel=system")


def test_customer_of_an_older_database_is_found_by_the_same_keys(old: str) -> None:
    migrations.upgrade(old)
    with _opened(old) as connection:
        keys = connection.execute("SELECT key FROM customer_keys ORDER BY key").fetchall()
        kept = connection.execute("SELECT contact_points, attributes FROM customers").fetchall()
        told = connection.execute("SELECT CAST(record ->> 'id' AS uuid) = resource_id FROM events").fetchall()
    numbers = [("eisil@example.com",), ("i1\x1ferp",), ("p332211123509",), ("t10000000146",)]
    assert keys == [*numbers, ("w isil\tışıl ogut\töğüt ",), ("w ogut\töğüt isil\tışıl ",)]
    assert kept == [([{"kind": "email", "value": "isil@example.com"}], {"renk": "kırmızı"})]
    assert told == [(True,)]


def test_answers_and_restrictions_of_an_older_database_hold_as_before(old: str) -> None:
    migrations.upgrade(old, "0028")
    with _opened(old) as connection:
        connection.execute(
            """
            INSERT INTO access_archives SELECT gen_random_uuid(), id, 'PK', now(), now() FROM customers;
            INSERT INTO shares (partner_id, customer_id, shared_at, ground, status, city_key, sort_key, updated_at,
                                created_at)
                SELECT id, id, now(), 'sale', 'active', '', 'isil', now(), now() FROM customers;
            INSERT INTO merges (id, keep_id, lose_id, fields, lost, kept, merged, partners, partners_of_lost, moved,
                                merged_by, created_at)
                SELECT id, id, gen_random_uuid(), '[]', '{}', '{}', '{}', '{}', '{}', '{}', 'ayse', now()
                FROM customers;
            INSERT INTO merge_moves SELECT customer_id, 'shares', json_build_object('moved', '[]'::json, 'aside',
                json_build_array(json_build_object('key', json_build_object('partner_id', partner_id), 'row', s::text)))
                FROM shares s;
            INSERT INTO restrictions (id, customer_id, case_id, since)
                SELECT gen_random_uuid(), id, id, now() FROM customers
            """
        )
    migrations.upgrade(old)
    with _opened(old) as connection:
        both = "access_archives JOIN access_archive_pieces USING (case_id)"
        kept = connection.execute(f"SELECT size, number, content FROM {both}".encode()).fetchall()
        hidden = connection.execute("SELECT is_withheld FROM shares").fetchall()
        row = "CAST(kept #>> '{aside,0,row}' AS shares)"
        aside = connection.execute(f"SELECT ({row}).sort_key FROM merge_moves".encode()).fetchall()
    assert (kept, hidden, aside) == ([(2, 0, b"PK")], [(True,)], [("isil",)])
