"""`make bench`: run benchmarks, print what was measured, write results.json; exit 1 where a bound does not hold."""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import click
from rich.console import Console

from benchmarks import (
    api_get,
    api_list,
    api_list_growth,
    api_post,
    customers_import,
    customers_lookup,
    customers_search,
    identity_quality,
    identity_scale,
    oauth_token,
    results,
    sync_growth,
    sync_pull,
    sync_push,
    web_rss,
    webhooks_claim,
    webhooks_fanout,
    webhooks_latency,
    webhooks_rate,
)
from benchmarks.load import by_loop, by_wrk, is_wrk_there
from benchmarks.results import Result
from benchmarks.stage import Stage


class Benchmark(Protocol):
    """What each file of this folder offers as BENCHMARK; a run may answer several numbers named below it."""

    @property
    def name(self) -> str:
        """The name in results.json, or what the names of several begin with."""

    def run(self, stage: Stage, console: Console) -> list[Result]:
        """Measure."""


BENCHMARKS: tuple[Benchmark, ...] = (
    api_get.BENCHMARK,
    api_list.BENCHMARK,
    api_post.BENCHMARK,
    oauth_token.BENCHMARK,
    web_rss.BENCHMARK,
    api_list_growth.BENCHMARK,
    sync_pull.BENCHMARK,
    sync_push.BENCHMARK,
    sync_growth.BENCHMARK,
    customers_import.BENCHMARK,
    webhooks_rate.BENCHMARK,
    webhooks_latency.BENCHMARK,
    webhooks_fanout.BENCHMARK,
    webhooks_claim.BENCHMARK,
    customers_lookup.BENCHMARK,
    customers_search.BENCHMARK,
    identity_quality.BENCHMARK,
    identity_scale.BENCHMARK,
)


@click.command()
@click.argument("names", nargs=-1)
@click.option("--scale", default=1.0, show_default=True, help="Share of the data; below 1 nothing is written down.")
@click.option("--rounds", default=3, show_default=True, help="Rounds, ours and the floor's alternating.")
@click.option("--seconds", default=8.0, show_default=True, help="Seconds of one turn.")
@click.option("--keep", type=click.Path(path_type=Path), help="Folder that keeps the data for the next run.")
@click.option("--python-load", is_flag=True, help="Load from Python instead of wrk: a trial, not a measurement.")
def main(names: Sequence[str], scale: float, rounds: int, seconds: float, keep: Path | None, python_load: bool) -> None:
    """Measure NAMES (a prefix such as `api` means all of it), or everything."""
    chosen = choose(names)
    if not python_load and not is_wrk_there():
        click.echo("The load comes from wrk, which is not on PATH: apt-get install wrk.", err=True)
        sys.exit(3)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers and data go away then too
    console, commit = Console(), results.present_commit()
    loader = by_loop if python_load else by_wrk
    with _folder(keep) as folder, Stage(folder, scale=scale, rounds=rounds, seconds=seconds, load=loader) as stage:
        found: list[results.Result] = []
        for each in chosen:
            measured = list(each.run(stage, console))
            found += measured
            if scale >= 1 and not python_load:
                results.write(measured, commit)  # one by one: a run that is stopped keeps what it has measured
    results.show(found, console)
    sys.exit(0 if all(result.holds for result in found) else 1)


def choose(names: Sequence[str]) -> list[Benchmark]:
    """The benchmarks with these names, or whose names begin so; raises UsageError for a name that fits none."""
    chosen: set[str] = set()
    for name in names:
        whole = {each.name for each in BENCHMARKS if each.name == name}
        found = whole or {each.name for each in BENCHMARKS if each.name.startswith(name)}
        if not found:
            raise click.UsageError(f"There is no {name}: {', '.join(each.name for each in BENCHMARKS)}.")
        chosen |= found
    return [each for each in BENCHMARKS if not names or each.name in chosen]


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="kopru-bench-") as made:
        yield Path(made)


if __name__ == "__main__":
    main()
