"""What is written down: the median, its bound, and the results of benchmarks that did not run now."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from benchmarks.__main__ import choose
from benchmarks.results import Result, at_least, at_most, write
from benchmarks.world import CUSTOMERS, PARTNERS, customers


def test_result_is_the_median_of_its_rounds() -> None:
    result = Result("api.get", "× floor", at_least(0.4), [0.5, 0.3, 0.45])
    assert (result.value, round(result.spread, 2), result.holds) == (0.45, 0.2, True)


def test_bound_from_above_does_not_hold_for_more() -> None:
    assert not Result("web.rss_mib", "MiB", at_most(150), [151]).holds


def test_results_of_other_benchmarks_stay(tmp_path: Path) -> None:
    place = tmp_path / "results.json"
    write([Result("api.get", "× floor", at_least(0.4), [0.4])], "a1b2c3d", place)
    write([Result("sync.push", "× floor", at_least(0.2), [0.5])], "a1b2c3d", place)
    entries = {entry["name"]: entry for entry in json.loads(place.read_text())}
    assert entries["api.get"]["bound"] == {"at_least": 0.4}
    assert entries["sync.push"]["rounds"] == 1


def test_prefix_chooses_all_of_a_kind() -> None:
    assert {each.name.partition(".")[0] for each in choose(["api"])} == {"api"}


def test_whole_name_chooses_itself_alone() -> None:
    assert [each.name for each in choose(["api.list"])] == ["api.list"]


def test_unknown_name_is_refused() -> None:
    with pytest.raises(click.UsageError, match=r"api\.get"):
        choose(["api.gte"])


def test_world_is_the_same_every_time() -> None:
    assert list(customers(20)) == list(customers(20))


def test_every_partner_has_a_thousand_customers() -> None:
    counts = dict.fromkeys(range(PARTNERS), 0)
    for sharing in customers(CUSTOMERS // 20):
        for partner in sharing.partners:
            counts[partner] += 20
    assert min(counts.values()) >= 1000
