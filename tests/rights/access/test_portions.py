"""An answer is written as it grows: however much there is, nobody waits for it, and it is the state of one moment."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from gateway.customers import telling
from gateway.db import Query, transaction
from gateway.rights.access import pieces
from tests.conftest import Cast
from tests.rights.access.conftest import Ask, archive_of
from tests.rights.access.test_answer import talk
from tests.rights.erasure.conftest import erase
from tests.sync.conftest import SYSTEM, rows

_TALKS = Query(
    text(
        """
        INSERT INTO interactions (id, customer_id, channel, kind, direction, occurred_at, subject, body, products,
                                  visibility, attributes, search_key, created_at, updated_at)
        SELECT gen_random_uuid(), :id, 'phone', 'service', 'in', now(), 'Bakım',
            (SELECT string_agg(md5((n * 100 + k)::text), '') FROM generate_series(1, 20) k), '[]', 'shared', '{}', '',
            now(), now() FROM generate_series(1, CAST(:count AS integer)) n
        """
    )
)
_WRITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
"""
_FREE = "SELECT pg_try_advisory_xact_lock(hashtextextended('file_reads', 0))"


class Probe:
    """A section that has nothing to tell and does something whenever it is asked."""

    name, titles, tables = "probe", {"en": "Probe", "tr": "Deneme"}, frozenset[str]()

    def __init__(self, does: Callable[[], None]) -> None:
        self._does = does

    def tell(self, tx: object, customer_ids: object) -> Iterator[dict[str, Any]]:
        self._does()
        return iter(())


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Has something done whenever an answer is being put together."""

    def put(does: Callable[[], None]) -> None:
        monkeypatch.setattr(telling, "_sections", [Probe(does), *telling._sections])

    return put


def peak(cast: Cast, answered: Ask, talks: int) -> int:
    """The most bytes that putting an answer together holds at any moment, after so many more interactions."""
    with transaction(SYSTEM) as tx:
        tx.run(_TALKS, id=cast.cem_id, count=talks)
    tracemalloc.start()
    answered()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def test_memory_does_not_grow_with_what_there_is_of_a_person(
    cast: Cast, answered: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "SIZE", 2**16)
    peak(cast, answered, 200)  # makes what is made once
    few, many = peak(cast, answered, 200), peak(cast, answered, 2_600)
    assert rows("SELECT max(size) > 5 * min(size) FROM access_archives") == [(True,)]
    assert many < 1.3 * few


def test_it_comes_whole_out_of_many_pieces(cast: Cast, answered: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "SIZE", 1_000)
    case_id = answered()
    archive = archive_of(cast, case_id)
    assert archive.testzip() is None
    size = cast.cem.get(f"/rights-requests/{case_id}").get_json()["result"]["size"]
    assert rows("SELECT count(*), sum(length(content)) FROM access_archive_pieces") == [(size // 1_000 + 1, size)]


def test_nobody_waits_while_it_is_put_together(cast: Cast, answered: Ask, meanwhile: Any) -> None:
    seen = []

    def look() -> None:
        with transaction(SYSTEM) as tx:
            tx.raw.execute("SELECT 1 FROM rights_cases FOR UPDATE NOWAIT")
            seen.append([tx.raw.execute(each).fetchone() for each in (_WRITING, _FREE)])

    meanwhile(look)
    answered()
    assert seen == [[(0,), (True,)]] * 3  # for the data, the page and a file of its own


def test_it_is_the_state_of_one_moment(cast: Cast, answered: Ask, meanwhile: Any) -> None:
    talk(cast, "Önceden")
    meanwhile(lambda: talk(cast, "Sonradan"))
    archive = archive_of(cast, answered())
    data = orjson.loads(archive.read("data.json"))["sections"]["interactions"]
    assert [each["subject"] for each in data] == ["Önceden"]
    assert orjson.loads(archive.read("sections/interactions.json")) == data
    assert "Sonradan" not in archive.read("report.html").decode()
    assert rows("SELECT count(*) FROM interactions") == [(4,)]


def test_what_was_read_a_moment_ago_is_told_and_filed_already(cast: Cast, answered: Ask) -> None:
    cast.eskisehir.get(f"/customers/{cast.cem_id}")
    assert rows("SELECT count(*) FROM reads") == [(1,)]
    told = orjson.loads(archive_of(cast, answered()).read("sections/access_log.json"))
    assert [(each["organisation"], each["times"]) for each in told] == [("Eskişehir Oto", 1)]


def test_nothing_is_kept_for_who_is_erased_meanwhile(
    cast: Cast, answered: Ask, meanwhile: Any, erasure_log: object
) -> None:
    done: list[str] = []
    meanwhile(lambda: done.append(done[0] if done else erase(cast)))
    case_id = answered()
    assert rows("SELECT status FROM rights_cases WHERE id = CAST(:id AS uuid)", id=case_id) == [("refused",)]
    assert rows("SELECT count(*) FROM access_archive_pieces") == rows("SELECT count(*) FROM access_archives") == [(0,)]
