"""Much is read as it was at one moment, a portion at a time."""

from __future__ import annotations

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from gateway.channels import Caller
from gateway.db import Query, transaction
from gateway.snapshot import PORTION, snapshot, walk
from tests.conftest import Cast

SYSTEM = Caller.system("test")
CUSTOMERS = Query(text("SELECT count(*) FROM customers"))
NUMBERS = Query(text("SELECT n FROM generate_series(1, CAST(:most AS integer)) n"))


def test_what_others_write_meanwhile_is_not_seen(cast: Cast) -> None:
    with snapshot(SYSTEM) as reading:
        before = reading.first(CUSTOMERS)
        assert cast.ayse.post("/customers", {"kind": "person", "given_name": "Şule"}).status_code == 201
        assert reading.first(CUSTOMERS) == before
    with transaction(SYSTEM) as tx:
        assert tx.first(CUSTOMERS) != before


def test_snapshot_writes_nothing(app: Flask) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), snapshot(SYSTEM) as reading:
        reading.run(Query(text("DELETE FROM customers")))


def test_two_walks_go_side_by_side_to_their_ends(app: Flask) -> None:
    most = 2 * PORTION + 1
    with snapshot(SYSTEM) as reading:
        together = list(zip(walk(reading, NUMBERS, most=most), walk(reading, NUMBERS, most=most), strict=True))
    assert together == [((number,), (number,)) for number in range(1, most + 1)]


def test_walk_that_is_left_half_read_harms_nobody(app: Flask) -> None:
    with snapshot(SYSTEM) as reading:
        begun = walk(reading, NUMBERS, most=2 * PORTION)
        assert next(begun) == (1,)
    with transaction(SYSTEM) as tx:
        begun.close()  # type: ignore[attr-defined]  # a generator is closed when nobody holds it any more
        assert tx.first(CUSTOMERS) is not None
