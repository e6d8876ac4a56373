"""What was measured: `benchmarks/results.json`, whose form others read, and a table for people."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

PLACE = Path(__file__).with_name("results.json")


@dataclass(frozen=True, slots=True)
class Bound:
    """What must hold: at least or at most so much."""

    sense: str
    limit: float

    def holds(self, value: float) -> bool:
        """Whether a value is within the bound."""
        return value >= self.limit if self.sense == "at_least" else value <= self.limit

    def __str__(self) -> str:
        return f"{'≥' if self.sense == 'at_least' else '≤'} {self.limit:g}"


def at_least(limit: float) -> Bound:
    """A bound from below."""
    return Bound("at_least", limit)


def at_most(limit: float) -> Bound:
    """A bound from above."""
    return Bound("at_most", limit)


@dataclass(frozen=True, slots=True)
class Result:
    """One number with what it was measured from; `value` is the median of the rounds, `spread` their range."""

    name: str
    unit: str
    bound: Bound
    values: Sequence[float]

    @property
    def value(self) -> float:
        """The median over the rounds."""
        return median(self.values)

    @property
    def spread(self) -> float:
        """The range of the rounds."""
        return max(self.values) - min(self.values)

    @property
    def holds(self) -> bool:
        """Whether the bound holds."""
        return self.bound.holds(self.value)

    def as_json(self, commit: str) -> dict[str, Any]:
        """The entry of `results.json`."""
        return {
            "name": self.name,
            "value": round(self.value, 3),
            "unit": self.unit,
            "bound": {self.bound.sense: self.bound.limit},
            "rounds": len(self.values),
            "spread": round(self.spread, 3),
            "measured_at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "commit": commit,
        }


def write(results: Iterable[Result], commit: str, place: Path = PLACE) -> None:
    """Put these results of a commit into the file, beside those of benchmarks that did not run now."""
    known = {entry["name"]: entry for entry in json.loads(place.read_text())} if place.exists() else {}
    known |= {result.name: result.as_json(commit) for result in results}
    entries = [known[name] for name in sorted(known)]
    place.write_text(json.dumps(entries, indent=1, ensure_ascii=False) + "\n")


def present_commit() -> str:
    """The short id of the commit that is checked out, with `+` where files differ from it; "" outside of git."""
    asked = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    folder = Path(__file__).parent
    return subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=False).stdout.strip()


def show(results: Sequence[Result], console: Console) -> None:
    """Print each number, its bound and whether it holds."""
    table = Table("benchmark", "value", "spread", "bound", "holds", title="Results")
    for result in results:
        verdict = "yes" if result.holds else "[bold red]NO[/]"
        value = f"{result.value:.3g} {result.unit}"
        table.add_row(result.name, value, f"{result.spread:.2g}", str(result.bound), verdict)
    console.print(table)
