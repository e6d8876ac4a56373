"""Merging from the command line."""

from __future__ import annotations

import pytest

from gateway.channels import Caller
from gateway.customers import service as customers
from gateway.db import transaction
from tests.cli.conftest import Run

AS_JSON = ("-o", "json")


@pytest.fixture
def two(kopru: Run) -> tuple[str, str]:
    """Two records of one Şule."""
    with transaction(Caller.system("test")) as tx:
        made = [customers.create(tx, {"kind": "person", "given_name": name}) for name in ("Şule", "Sule")]
    return str(made[0]["id"]), str(made[1]["id"])


def test_dry_run_shows_both_values_and_writes_nothing(kopru: Run, two: tuple[str, str]) -> None:
    shown = kopru("identity", "merge", *two, "--dry-run", *AS_JSON).json
    assert (shown["survivor"]["given_name"], shown["moves"]["interactions"]) == ("Sule", 0)
    assert "given_name" in kopru("identity", "merge", *two, "--dry-run").out
    assert kopru("identity", "merges", *AS_JSON).json == []


def test_two_are_merged_and_taken_apart(kopru: Run, two: tuple[str, str]) -> None:
    merged = kopru("identity", "merge", *two, "--field", "given_name", "keep", *AS_JSON).json
    assert (merged["keep_id"], merged["lose_id"], merged["fields"]) == (*two, {"given_name": "keep"})
    assert [each["id"] for each in kopru("identity", "merges", "--customer", two[1], *AS_JSON).json] == [merged["id"]]
    assert kopru("identity", "unmerge", merged["id"], *AS_JSON).json["undone_at"] is not None


def test_merge_of_a_merged_one_is_refused(kopru: Run, two: tuple[str, str]) -> None:
    kopru("identity", "merge", *two)
    assert kopru("identity", "merge", *two).code == 1


def test_queue_of_pairs_is_listed(kopru: Run) -> None:
    assert kopru("identity", "pairs").out == "No such pair.\n"


def test_whole_base_is_matched_once_at_a_time(kopru: Run) -> None:
    assert kopru("identity", "status").code == 1
    asked = kopru("identity", "run", *AS_JSON).json
    shown = kopru("identity", "status", *AS_JSON).json
    assert (shown["id"], shown["status"], shown["done"]) == (asked["id"], "queued", 0)
    assert kopru("identity", "run").code == 1
