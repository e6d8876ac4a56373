"""`sync.growth` and `sync.rss_mib`: a first pull of 1,000,000 customers, its cost a record and its worker's memory.

`sync.growth` is the CPU of worker and PostgreSQL together a record, over that of 100,000 customers in the same run: by
CPU, for a clock would tell of the neighbours meanwhile. 1.0 would mean that size does not matter at all. `sync.rss_mib`
is the most memory that the worker and the processes beside it came to during the million, what they share counted once;
its bound is absolute.
"""

from __future__ import annotations

from rich.console import Console

from benchmarks.results import Result, at_most
from benchmarks.stage import Stage
from benchmarks.sync_stage import Turn, open_dealer_and_gateway, show

CUSTOMERS, TIMES = 100_000, 10


class SyncGrowth:
    """The benchmark; it takes minutes, and goes once, whatever the number of rounds."""

    name = "sync.growth"

    def run(self, stage: Stage, console: Console) -> list[Result]:
        """Large over small, and the memory of large."""
        count = max(1000, round(CUSTOMERS * stage.scale))
        small, large = _pull(stage, count), _pull(stage, count * TIMES)
        show(console, f"{self.name}, small", count, {"köprü": [small]})
        show(console, f"{self.name}, large", count * TIMES, {"köprü": [large]})
        growth = _cpu(large) / TIMES / _cpu(small)
        return [
            Result(self.name, "× CPU a record", at_most(1.15), [growth]),
            Result("sync.rss_mib", "MiB", at_most(200), [large.peak_mib]),
        ]


def _pull(stage: Stage, count: int) -> Turn:
    with open_dealer_and_gateway(stage, count) as gateway:
        return gateway.run(read=count, created=count)


def _cpu(turn: Turn) -> float:
    return turn.cpu_seconds + turn.postgres_seconds


BENCHMARK = SyncGrowth()
