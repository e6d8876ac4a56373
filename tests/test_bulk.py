"""What goes to PostgreSQL by COPY arrives as it was."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gateway import bulk
from gateway.channels import Caller
from gateway.db import new_id_texts, transaction

SYSTEM = Caller.system("test")
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)


@pytest.mark.usefixtures("app")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, max_size=5))
@example(texts=["null", "", " ", "{a,b}", '"', "\\", "\\N", "a\tb\nc\rd", "İı"])
def test_array_arrives_as_it_was(texts: list[str]) -> None:
    with transaction(SYSTEM) as tx:
        bulk.stage(tx, "stage_arrays", {"texts": "text[]"}, [[bulk.as_array(texts)]])
        assert tx.raw.execute("SELECT texts FROM stage_arrays").fetchone() == (texts,)


@pytest.mark.usefixtures("app")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(row=st.tuples(st.none() | TEXTS, st.none() | st.binary(max_size=4), st.none() | TEXTS))
@example(row=("\\N", b"\\", None))
@example(row=("a\tb\nc\rd", b"", "\\."))
@example(row=("", None, "\\x00 İı"))
@example(row=("\x02", None, "\\\x02 şğ"))
def test_line_arrives_as_it_was(row: tuple[str | None, bytes | None, str | None]) -> None:
    with transaction(SYSTEM) as tx:
        columns = {"one": "text", "two": "bytea", "three": "text"}
        one, two, three = row
        line = bulk.as_line([one, None if two is None else f"\\x{two.hex()}", three])
        bulk.stage_lines(tx, "stage_lines", columns, [line, line])
        assert tx.raw.execute("SELECT * FROM stage_lines").fetchall() == [row, row]


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("wanted", [["a", "b"], ["a", "b", "c"], ["b"], ["b", "a"], ["c"], []])
def test_what_was_staged_ahead_stands_there_once_if_it_is_wanted(wanted: list[str]) -> None:
    with transaction(SYSTEM) as tx:
        bulk.stage_ahead(tx, "stage_lines", {"one": "text"}, [bulk.as_line(["a"]), bulk.as_line(["b"])])
        bulk.stage_lines(tx, "stage_lines", {"one": "text"}, [bulk.as_line([each]) for each in wanted])
        assert [row[0] for row in tx.raw.execute("SELECT one FROM stage_lines").fetchall()] == wanted


@pytest.mark.usefixtures("app")
def test_what_was_staged_ahead_is_asked_for_once() -> None:
    with transaction(SYSTEM) as tx:
        bulk.stage_ahead(tx, "stage_lines", {"one": "text"}, [bulk.as_line(["a"])])
        for each in ("a", "a"):
            bulk.stage_lines(tx, "stage_lines", {"one": "text"}, [bulk.as_line([each])])
        assert tx.raw.execute("SELECT count(*) FROM stage_lines").fetchone() == (1,)


@pytest.mark.usefixtures("app")
def test_plans_of_a_page_are_made_afresh_and_kept_again_afterwards() -> None:
    with transaction(SYSTEM) as tx:
        kept = tx.raw.prepare_threshold
        with bulk.planned_afresh(tx):
            assert tx.raw.prepare_threshold is None
        assert tx.raw.prepare_threshold == kept


def test_ids_made_together_are_ordered_by_time_and_all_different() -> None:
    ids = [UUID(text) for text in new_id_texts(50)]
    assert ids == sorted(set(ids))
    assert len(ids) == 50
    assert {(each.version, each.variant) for each in ids} == {(7, "specified in RFC 4122")}
    assert abs((ids[0].int >> 80) - (UUID(new_id_texts(1)[0]).int >> 80)) < 10_000


@pytest.mark.usefixtures("app")
def test_sizes_are_learnt_at_once() -> None:
    with transaction(SYSTEM) as tx:
        tx.raw.execute("CREATE TEMP TABLE grown ON COMMIT DROP AS SELECT generate_series(1, 500) AS number")
        bulk.learn_sizes(tx, "grown")
        assert tx.raw.execute("SELECT reltuples FROM pg_class WHERE relname = 'grown'").fetchone() == (500,)
