"""What was done stays written: nobody changes an entry, and whoever does it by force is found out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask

from gateway import audit
from gateway.channels import Caller, Channel
from gateway.config import Settings
from gateway.db import new_id, transaction
from tests.conftest import Cast
from tests.test_outbox import settle

SYSTEM = Caller.system("test")


def write(action: str = "customer.updated", caller: Caller = SYSTEM, **detail: Any) -> str:
    record_id = str(new_id())
    with transaction(caller) as tx:
        audit.record(tx, action, "customer", record_id, detail)
    return record_id


def seal() -> int:
    settle()
    with transaction(SYSTEM) as tx:
        return audit.seal(tx)


def verify() -> audit.Verdict:
    with transaction(SYSTEM) as tx:
        return audit.verify(tx)


@pytest.fixture
def chain(app: Flask) -> list[str]:
    """Five sealed entries on an empty trail, by the ids of their records."""
    written = [write() for _ in range(5)]
    assert seal() == 5
    return written


@pytest.fixture
def owner(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    """Whoever owns the tables and puts their triggers aside."""
    url = settings.database_url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET kopru.channel = 'system'")
        for table in ("audit_entries", "audit_seals"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield connection
        for table in ("audit_entries", "audit_seals"):
            connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.mark.parametrize("table", ["audit_entries", "audit_seals"])
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_nothing_that_was_written_can_be_changed(chain: list[str], table: str, change: str) -> None:
    change = change.format(table).replace("id = id", "number = number" if table == "audit_seals" else "id = id")
    with pytest.raises(psycopg.errors.RaiseException, match="written once"), transaction(SYSTEM) as tx:
        tx.raw.execute(change)


def test_untouched_chain_holds(chain: list[str]) -> None:
    assert verify() == (5, None)


def test_chain_goes_on_where_it_ended(chain: list[str]) -> None:
    write()
    assert (seal(), seal(), verify()) == (1, 0, (6, None))


def test_chain_of_nothing_holds(app: Flask) -> None:
    assert (seal(), verify()) == (0, (0, None))


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'user:nobody'",
        "action = 'customer.read'",
        "resource_id = 'x'",
        "at = at + interval '1 second'",
        "detail = '{\"fields\": []}'",
        "address = '10.0.0.1'",
        "purpose = 'y'",
        "channel = 'intranet'",
        "request_id = 'z'",
    ],
)
def test_changed_entry_is_found(chain: list[str], owner: psycopg.Connection[Any], change: str) -> None:
    assert owner.execute(f"UPDATE audit_entries SET {change} WHERE resource_id = %s", [chain[2]]).rowcount == 1
    assert verify() == (2, 3)


@pytest.mark.parametrize(("number", "found"), [(1, (0, 1)), (3, (2, 3))])
def test_removed_entry_is_found(
    chain: list[str], owner: psycopg.Connection[Any], number: int, found: tuple[int, int]
) -> None:
    gone = owner.execute("DELETE FROM audit_seals WHERE number = %s RETURNING entry_id", [number]).fetchone()
    owner.execute("DELETE FROM audit_entries WHERE id = %s", gone)
    assert verify() == found


def test_exchanged_entries_are_found(chain: list[str], owner: psycopg.Connection[Any]) -> None:
    swap = """
        WITH two AS (DELETE FROM audit_seals WHERE number IN (2, 3) RETURNING *)
        INSERT INTO audit_seals SELECT 5 - number, entry_id, hash FROM two
    """
    with owner.transaction():
        owner.execute("ALTER TABLE audit_seals DROP CONSTRAINT uq_audit_seals_entry_id")
        owner.execute("ALTER TABLE audit_seals DROP CONSTRAINT audit_seals_pkey")
        owner.execute(swap)
        owner.execute("ALTER TABLE audit_seals ADD CONSTRAINT audit_seals_pkey PRIMARY KEY (number)")
        owner.execute("ALTER TABLE audit_seals ADD CONSTRAINT uq_audit_seals_entry_id UNIQUE (entry_id)")
    assert verify().broken_at == 2


def test_entries_are_sealed_in_the_order_of_their_commits(app: Flask) -> None:
    with transaction(SYSTEM) as slow:
        audit.record(slow, "customer.updated", "customer", "first begun")
        late = write()
        with transaction(SYSTEM) as tx:
            assert audit.seal(tx) == 0
    assert seal() == 2
    with transaction(SYSTEM) as tx:
        order = "SELECT resource_id FROM audit_seals s JOIN audit_entries e ON e.id = s.entry_id ORDER BY number"
        assert tx.raw.execute(order).fetchall() == [("first begun",), (late,)]


def test_entry_of_what_failed_is_not_written(app: Flask) -> None:
    with pytest.raises(ZeroDivisionError), transaction(SYSTEM) as tx:
        audit.record(tx, "customer.updated", "customer", "x")
        raise ZeroDivisionError
    assert seal() == 0


def test_partner_cannot_read_the_trail(chain: list[str]) -> None:
    with transaction(Caller(channel=Channel.EXTRANET, client_id="x", partner_id=new_id())) as tx:
        assert tx.raw.execute("SELECT count(*) FROM audit_entries").fetchone() == (0,)
        assert tx.raw.execute("SELECT count(*) FROM audit_seals").fetchone() == (0,)


def entries_about(resource_id: object) -> list[tuple[Any, ...]]:
    with transaction(SYSTEM) as tx:
        columns = "action, actor, channel, detail::text, address, request_id"
        query = f"SELECT {columns} FROM audit_entries WHERE resource_id = %s ORDER BY position"
        return list(tx.raw.execute(query, [str(resource_id)]).fetchall())


def test_reading_a_record_as_a_person_is_written_down(cast: Cast) -> None:
    assert cast.cem.get(f"/customers/{cast.cem_id}", headers={"X-Request-Id": "istek-1"}).status_code == 200
    action, actor, channel, _, address, request_id = entries_about(cast.cem_id)[-1]
    assert (action, actor, channel) == ("customer.read", f"customer:{cast.cem_id}", "internet")
    assert (address, request_id) == ("127.0.0.1", "istek-1")


def test_change_names_its_fields_and_none_of_their_content(cast: Cast) -> None:
    change = {"given_name": "Gizli Ad", "internal_note": "Gizli Not"}
    assert cast.ayse.patch(f"/customers/{cast.cem_id}", change, version=1).status_code == 200
    action, actor, _, detail, *_ = entries_about(cast.cem_id)[-1]
    assert (action, actor.split(":")[0]) == ("customer.updated", "client")
    assert detail == '{"fields": ["display_name", "given_name", "internal_note"]}'


def test_no_secret_stands_in_the_trail(cast: Cast) -> None:
    endpoint = {"url": "https://127.0.0.1/kopru", "event_types": ["*"]}
    made = cast.eskisehir.post("/webhooks/endpoints", endpoint).get_json()
    cast.eskisehir.post("/customers", {"kind": "person", "given_name": "Gizli Ad"})
    with transaction(SYSTEM) as tx:
        trail = str(tx.raw.execute("SELECT * FROM audit_entries").fetchall())
    assert made["id"] in trail
    assert [
        word for word in (made["secret"], "Gizli Ad", cast.eskisehir.token, "sedan-sever-35") if word in trail
    ] == []
