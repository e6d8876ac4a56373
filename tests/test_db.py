"""One place opens, commits and rolls back, in somebody's name; a dead server costs an answer, never an effect."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import bindparam, column, create_engine, exc, select, text
from sqlalchemy import table as sql_table

from gateway import pool
from gateway.channels import Caller, Channel
from gateway.config import Settings
from gateway.customers import service as customers
from gateway.db import Query, Transaction, new_id, transaction
from gateway.errors import Unavailable
from tests.conftest import Cast

SYSTEM = Caller.system("test")
PERSON = {"kind": "person", "given_name": "Şule"}
WHO = "SELECT caller_channel(), caller_partner(), caller_customer()"


def who(tx: Transaction) -> Any:
    return tx.raw.execute(WHO).fetchone()


def count(name: str) -> int:
    with transaction(SYSTEM) as tx:
        row = tx.first(Query(text("SELECT count(*) FROM customers WHERE given_name = :name")), name=name)
    return int(row[0]) if row else 0


def test_caller_is_set_for_the_transaction_and_forgotten_with_it(whole_app: Flask) -> None:
    partner_id, customer_id = new_id(), new_id()
    with transaction(Caller(channel=Channel.EXTRANET, partner_id=partner_id, customer_id=customer_id)) as tx:
        assert who(tx) == ("extranet", partner_id, customer_id)
        raw = tx.raw
    with transaction(Caller(channel=Channel.INTERNET)) as tx:
        assert who(tx) == ("internet", None, None)
    assert raw.execute(WHO).fetchone() == (None, None, None)


def test_pooled_connection_sees_nothing_between_transactions(standing_cast: Cast) -> None:
    with transaction(SYSTEM) as tx:
        assert tx.raw.execute("SELECT count(*) FROM customers").fetchone() != (0,)
        raw = tx.raw
    assert raw.execute("SELECT count(*) FROM customers").fetchone() == (0,)


def test_raise_rolls_everything_back(standing_cast: Cast) -> None:
    with pytest.raises(ZeroDivisionError), transaction(SYSTEM) as tx:
        customers.create(tx, {"kind": "person", "given_name": "Geri Alınan"})
        raise ZeroDivisionError
    assert count("Geri Alınan") == 0


def test_orm_and_statements_see_each_other(standing_cast: Cast) -> None:
    with transaction(SYSTEM) as tx:
        tx.session.execute(text("CREATE TEMPORARY TABLE joint (a int) ON COMMIT DROP"))
        tx.session.execute(text("INSERT INTO joint VALUES (1)"))
        assert tx.rows(Query(text("SELECT a FROM joint"))) == [(1,)]


def test_what_follows_a_commit_does_not_follow_a_rollback(whole_app: Flask) -> None:
    done: list[str] = []
    with transaction(SYSTEM) as tx:
        tx.after_commit(lambda: 1 / 0)
        tx.after_commit(lambda: done.append("kept"))
    with pytest.raises(ZeroDivisionError), transaction(SYSTEM) as tx:
        tx.after_commit(lambda: done.append("lost"))
        raise ZeroDivisionError
    assert done == ["kept"]


def test_query_keeps_its_own_constants(whole_app: Flask) -> None:
    numbers = sql_table("numbers", column("a"))
    with transaction(SYSTEM) as tx:
        tx.raw.execute("CREATE TEMPORARY TABLE numbers ON COMMIT DROP AS SELECT generate_series(1, 9) AS a")
        query = Query(
            select(numbers.c.a).where(numbers.c.a > 3, numbers.c.a < bindparam("below")).order_by(numbers.c.a)
        )
        assert tx.rows(query, below=6) == [(4,), (5,)]


def test_ids_are_made_in_order_and_of_version_seven() -> None:
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert {(each.version, each.variant) for each in ids} == {(7, "specified in RFC 4122")}
    assert [each.int >> 80 for each in ids] == sorted(each.int >> 80 for each in ids)


@pytest.fixture
def terminator(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    """Another session of the same role, which may end ours."""
    url = settings.database_url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


_END = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE application_name = 'kopru' AND datname = current_database() AND pid <> pg_backend_pid()
"""


def test_dead_pooled_connections_heal_by_themselves(standing_cast: Cast, terminator: psycopg.Connection[Any]) -> None:
    for _ in range(3):
        terminator.execute(_END)
        assert standing_cast.ankara.get("/customers").status_code == 200


def test_connection_that_dies_before_the_commit_is_a_503_without_effect(
    standing_cast: Cast, terminator: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    create = customers.create

    def create_and_die(tx: Transaction, data: dict[str, Any]) -> dict[str, Any]:
        row = create(tx, data)
        terminator.execute(_END)
        return row

    with monkeypatch.context() as dying:
        dying.setattr(customers, "create", create_and_die)
        answer = standing_cast.ankara.post("/customers", {**PERSON, "given_name": "Yarıda Kalan"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert count("Yarıda Kalan") == 0
    assert standing_cast.ankara.post("/customers", PERSON).status_code == 201


def test_unreachable_server_is_a_503_that_says_when_to_return(
    standing_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_engine", create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing"))
    with pytest.raises(Unavailable), transaction(SYSTEM):
        pass
    answer = standing_cast.ankara.get("/customers")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert (answer.content_type, answer.get_json()["code"]) == ("application/problem+json", "unavailable")


def test_statement_past_its_deadline_is_a_503(standing_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def sleep(tx: Transaction, *_: Any) -> None:
        tx.raw.execute("SET LOCAL statement_timeout = '50ms'")
        tx.raw.execute("SELECT pg_sleep(10)")

    monkeypatch.setattr(customers, "create", sleep)
    answer = standing_cast.ankara.post("/customers", PERSON)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


def test_deadline_is_the_installations_and_can_be_moved_for_one_transaction(whole_app: Flask) -> None:
    limits = []
    for seconds in (None, 60, None):
        with transaction(SYSTEM, statement_seconds=seconds) as tx:
            limits.append(tx.raw.execute("SHOW statement_timeout").fetchone())
    assert limits == [("5s",), ("1min",), ("5s",)]


@pytest.mark.parametrize("failure", [psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure])
@pytest.mark.parametrize(("failures", "status"), [(2, 201), (3, 503)])
def test_clash_with_another_transaction_is_tried_again_and_not_for_ever(
    standing_cast: Cast, monkeypatch: pytest.MonkeyPatch, failure: type[Exception], failures: int, status: int
) -> None:
    left, create = [failure("clash")] * failures, customers.create

    def clash(tx: Transaction, data: dict[str, Any]) -> dict[str, Any]:
        row = create(tx, data)
        if left:
            raise left.pop()
        return row

    name = f"{failure.__name__} {failures}"
    monkeypatch.setattr(customers, "create", clash)
    assert standing_cast.ankara.post("/customers", {**PERSON, "given_name": name}).status_code == status
    assert count(name) == (1 if status == 201 else 0)


def test_write_whose_customer_is_merged_meanwhile_is_answered_by_what_is_there_then(
    standing_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, create = [exc.IntegrityError("INSERT", {}, psycopg.errors.ForeignKeyViolation("gone"))], customers.create

    def overtaken(tx: Transaction, data: dict[str, Any]) -> dict[str, Any]:
        if gone:
            raise gone.pop()
        return create(tx, data)

    monkeypatch.setattr(customers, "create", overtaken)
    assert standing_cast.ankara.post("/customers", {**PERSON, "given_name": "Işıl"}).status_code == 201


def test_real_deadlock_is_survived_by_both(standing_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two changes lock each other's record: one is rolled back by the database and done again."""
    paths = [standing_cast.ankara.post("/customers", PERSON).headers["Location"] for _ in range(2)]
    ids, change = [path.rpartition("/")[2] for path in paths], customers.change
    holding, both_hold = set[str](), threading.Event()

    def change_and_touch(tx: Transaction, customer_id: Any, *given: Any) -> dict[str, Any]:
        row = change(tx, customer_id, *given)
        holding.add(str(customer_id))
        if len(holding) == 2:
            both_hold.set()
        assert both_hold.wait(10)
        other = next(each for each in ids if each != str(customer_id))
        tx.raw.execute("SELECT 1 FROM customers WHERE id = %s FOR UPDATE", [other])
        return row

    monkeypatch.setattr(customers, "change", change_and_touch)
    with ThreadPoolExecutor(2) as pool:
        patches = [pool.submit(standing_cast.ankara.patch, path, {"locale": "tr-TR"}, version=1) for path in paths]
    assert [patch.result().status_code for patch in patches] == [200, 200]


def test_exhausted_pool_is_a_503_soon_and_heals(
    standing_cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = create_engine(
        settings.database_url, isolation_level="AUTOCOMMIT", pool_size=1, max_overflow=0, pool_timeout=0.2
    )
    monkeypatch.setattr(pool, "_engine", small)
    with transaction(SYSTEM):
        begun = time.monotonic()
        assert standing_cast.ankara.get("/customers").status_code == 503
        assert time.monotonic() - begun < 10, "SQLAlchemy's own patience is 30 s"
    assert standing_cast.ankara.get("/customers").status_code == 200
    small.dispose()
