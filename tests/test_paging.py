"""A page begins where the one before ended: nothing is lost or shown twice, and no cursor works for another."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, Text, bindparam, select

from gateway.channels import Caller
from gateway.db import Query, Transaction, transaction
from gateway.errors import BadRequest
from gateway.paging import after_key, page_of, read_cursor, read_names, read_sort, write_cursor

SECRET = "s" * 40
KEYS = st.lists(st.one_of(st.text(), st.uuids(), st.datetimes(timezones=st.just(UTC))), max_size=4).map(tuple)
rows_table = Table(
    "rows_to_page", MetaData(), Column("a", Integer), Column("b", Text(collation="C")), Column("id", Integer)
)


@pytest.mark.parametrize(("count", "shown", "last"), [(0, 0, None), (2, 2, None), (3, 2, ("b", 1))])
def test_page_ends_before_the_row_that_says_there_is_more(count: int, shown: int, last: tuple[Any, ...] | None) -> None:
    rows = [SimpleNamespace(id=number, name="abc"[number]) for number in range(count)]
    page = page_of(rows, 2, vars, ("name", "id"))
    assert (page.items, page.last_key) == ([vars(row) for row in rows[:shown]], last)


@given(KEYS, st.text(), st.text())
def test_cursor_gives_its_key_back(key: tuple[Any, ...], bound_to: str, secret: str) -> None:
    bound_to, secret = bound_to.encode("utf-8", "replace").decode(), secret.encode("utf-8", "replace").decode()
    assert read_cursor(write_cursor(key, bound_to, secret), bound_to, secret) == key


def test_cursor_keeps_kinds_apart() -> None:
    key = (datetime(2026, 1, 1, tzinfo=UTC), UUID(int=7), "2026-01-01T00:00:00+00:00")
    assert [type(value) for value in read_cursor(write_cursor(key, "x", SECRET), "x", SECRET)] == [datetime, UUID, str]


@pytest.mark.parametrize(("bound_to", "secret"), [("another caller", SECRET), ("caller", "t" * 40)])
def test_cursor_is_refused_elsewhere(bound_to: str, secret: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read_cursor(write_cursor(("a",), "caller", SECRET), bound_to, secret)
    assert refused.value.errors[0]["parameter"] == "cursor"


@given(st.integers(0, 60), st.integers(0, 7))
def test_cursor_with_one_bit_changed_is_refused(place: int, bit: int) -> None:
    cursor = write_cursor(("Cem", UUID(int=1)), "caller", SECRET)
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    raw[place % len(raw)] ^= 1 << bit
    with pytest.raises(BadRequest):
        read_cursor(base64.urlsafe_b64encode(raw).decode().rstrip("="), "caller", SECRET)


@given(st.text(max_size=50))
def test_any_text_for_a_cursor_is_a_refusal_and_never_an_error(text: str) -> None:
    with pytest.raises(BadRequest):
        read_cursor(text, "caller", SECRET)


def test_sort_is_read_in_order_with_directions() -> None:
    allowed = ("updated_at", "created_at")
    assert read_sort("updated_at,-created_at", allowed, "x") == (("updated_at", False), ("created_at", True))
    assert read_sort(None, allowed, "-created_at") == (("created_at", True),)


@pytest.mark.parametrize("raw", ["", ",", "a", "updated_at,updated_at", "updated_at,-updated_at", "--updated_at", "-"])
def test_sort_by_anything_else_is_refused(raw: str) -> None:
    with pytest.raises(BadRequest):
        read_sort(raw or ",", ("updated_at",), "updated_at")


def test_names_come_in_the_order_of_the_schema_and_once() -> None:
    assert read_names("c, a,a", ("a", "b", "c"), "fields") == ("a", "c")
    assert read_names(None, ("a",), "fields") is None


@given(st.text())
def test_hidden_and_invented_names_are_refused_in_the_same_words(name: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read_names(f"{name}x", (), "fields")
    assert refused.value.errors[0]["code"] == "unknown_field"


@pytest.fixture(scope="module")
def tx(whole_app: Flask) -> Iterator[Transaction]:
    with transaction(Caller.system("test")) as tx:
        tx.raw.execute('CREATE TEMPORARY TABLE rows_to_page (a int, b text COLLATE "C", id int) ON COMMIT DROP')
        yield tx


def pages(tx: Transaction, order: list[tuple[Any, bool]], size: int) -> Iterator[list[tuple[Any, ...]]]:
    columns = [column for column, _ in order]
    statement = select(*columns).order_by(*(column.desc() if down else column for column, down in order))
    first, following = (
        Query(each.limit(bindparam("limit"))) for each in (statement, statement.where(after_key(order)))
    )
    page = tx.rows(first, limit=size)
    while page:
        yield page
        page = tx.rows(following, limit=size, **{f"key_{place}": value for place, value in enumerate(page[-1])})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(
    rows=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["", "a", "ç", "ş"])), max_size=25),
    directions=st.tuples(st.booleans(), st.booleans(), st.booleans()),
    size=st.integers(1, 7),
)
def test_walk_meets_every_row_once_whatever_ties_stand_at_a_page_edge(
    tx: Transaction, rows: list[tuple[int, str]], directions: tuple[bool, bool, bool], size: int
) -> None:
    tx.raw.execute("TRUNCATE rows_to_page")
    numbered = [(*row, number) for number, row in enumerate(rows)]
    tx.raw.cursor().executemany("INSERT INTO rows_to_page VALUES (%s, %s, %s)", numbered)
    order = list(zip((rows_table.c.a, rows_table.c.b, rows_table.c.id), directions, strict=True))
    walked = [row for page in pages(tx, order, size) for row in page]
    expected = sorted(numbered, key=lambda row: row[2], reverse=directions[2])
    expected.sort(key=lambda row: row[1].encode(), reverse=directions[1])
    expected.sort(key=lambda row: row[0], reverse=directions[0])
    assert walked == expected


def test_one_direction_becomes_a_row_comparison_an_index_can_serve() -> None:
    one = Query(select(rows_table.c.id).where(after_key([(rows_table.c.a, True), (rows_table.c.id, True)])))
    assert "(rows_to_page.a, rows_to_page.id) < (" in one.sql
