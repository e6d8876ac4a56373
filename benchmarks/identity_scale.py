"""`identity.match_1m_minutes` and `identity.rss_mib`: a run over a base of 1,000,000 customers, first to last.

The base is that of `identity.precision`, ten parts of different seeds beside each other. Two workers, one for each
core of the bound, read every customer, count terms, walk the blocks and write what they find; PostgreSQL has no cores
of its own. Minutes by the clock; memory is the most both workers came to together, what they share counted once. The
CPU of workers and PostgreSQL is printed, for a clock tells of the neighbours too. No floor: both bounds are absolute.
"""

from __future__ import annotations

from rich.console import Console

from benchmarks.identity_stage import make_base, match
from benchmarks.results import Result, at_most
from benchmarks.stage import Stage

CUSTOMERS = 1_000_000
_SEED = 81


class IdentityScale:
    """The benchmark; it takes minutes, and goes once, whatever the number of rounds."""

    name = "identity.match_1m_minutes"

    def run(self, stage: Stage, console: Console) -> list[Result]:
        """Minutes and MiB."""
        count = max(2000, round(CUSTOMERS * stage.scale))
        cost = match(stage, make_base(stage, "identity_large", count, _SEED))
        used = f"{cost.cpu_seconds:.0f} s of CPU in the workers, {cost.postgres_seconds:.0f} s in PostgreSQL"
        console.print(f"{self.name}: {count:,} customers in {cost.seconds:.0f} s; {used}; {cost.peak_mib:.0f} MiB")
        return [
            Result(self.name, "min", at_most(15), [cost.seconds / 60]),
            Result("identity.rss_mib", "MiB", at_most(1024), [cost.peak_mib]),
        ]


BENCHMARK = IdentityScale()
