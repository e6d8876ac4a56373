"""`identity.precision`, `identity.recall` and both `_no_ids`: what matching finds in a base whose truth is known.

100,000 generated people and companies of Türkiye, a tenth of them further records of somebody who is there already,
with what such bases hold of errors and of pairs that look alike and are not (`identity_base` says how it is made, and
that it knows nothing of the matcher). Precision: of the pairs merged by themselves, the share that is right. Recall: of
the true pairs, the share merged by itself or put before a steward, which counts while he is asked in vain at most as
often as not. `no_ids` is the same base without tax id, e-mail and phone. Matched from end to end in PostgreSQL by the
weights that are shipped, which were set on other seeds. A second base, of another seed and of harsher errors by which
no weight was set, is held to the same bounds: the worse of the two values is the result. No floor: bounds are absolute.
"""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from benchmarks.identity_errors import HARSHER, USUAL, Errors
from benchmarks.identity_stage import Quality, make_base, match
from benchmarks.results import Result, at_least
from benchmarks.stage import Stage

CUSTOMERS = 100_000
_BASES: dict[str, tuple[int, Errors]] = {"usual": (71, USUAL), "held out": (72, HARSHER)}
_BOUNDS = {"": (0.99, 0.95), "_no_ids": (0.97, 0.85)}


class Identity:
    """The benchmark; it goes once, whatever the number of rounds: chance is in the seeds alone."""

    name = "identity.precision"

    def run(self, stage: Stage, console: Console) -> list[Result]:
        """Precision and recall, with and without ids, of the base that does worse."""
        results: list[Result] = []
        table = Table("base", "true pairs", "merged (wrong)", "asked (in vain)", "precision", "recall", title=self.name)
        for suffix, (precision, recall) in _BOUNDS.items():
            found = {name: _measure(stage, name, *base, has_ids=not suffix) for name, base in _BASES.items()}
            for name, quality in found.items():
                _show(table, f"{name}{suffix}", quality)
            worst = min(each.precision for each in found.values()), min(each.recall for each in found.values())
            results.append(Result(f"identity.precision{suffix}", "", at_least(precision), [worst[0]]))
            results.append(Result(f"identity.recall{suffix}", "", at_least(recall), [worst[1]]))
        console.print(table)
        return results


def _measure(stage: Stage, name: str, seed: int, errors: Errors, *, has_ids: bool) -> Quality:
    count = max(2000, round(CUSTOMERS * stage.scale))
    base = make_base(stage, f"identity_{name.replace(' ', '_')}", count, seed, errors, has_ids=has_ids)
    match(stage, base)
    return base.quality()


def _show(table: Table, name: str, found: Quality) -> None:
    merged, asked = (
        f"{found.same} ({found.same - found.same_true})",
        f"{found.asked} ({found.asked - found.asked_true})",
    )
    table.add_row(name, str(found.true), merged, asked, f"{found.precision:.4f}", f"{found.recall:.4f}")


BENCHMARK = Identity()
