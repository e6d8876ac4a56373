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
