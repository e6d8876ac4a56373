"""`sync.pull_floor`, `sync.pull_dlt`, `sync.repull`: 100,000 customers of 20 fields from a paged HTTP server.

All three read the same bytes, 1,000 records a page, into the same PostgreSQL with fsync on, in alternating rounds, each
round into fresh tables. Ours is a run as the product does it: started by the service, worked on by a worker process,
with validation, normalising, search keys, shares, cross references, events and a commit for each page.

`sync.pull_floor` is our first pull against `benchmarks.floor.pull`: one HTTP client, COPY to a staging table, one
INSERT … ON CONFLICT, no validation, no events, one commit. `sync.pull_dlt` is the same against dlt
(`benchmarks.floor.dlt_pull`) as its documentation sets it up, a resource with a primary key that is merged: contact
points and identifiers become tables of their own there, as they become normalised and searchable contact points here.
`sync.repull` is our first pull over our second, in which 1 in 100 records has changed and all are read again, for the
partner knows no filter by time.

No turn pays for the one before it: each database goes with its turn, and before our second pull PostgreSQL's own
housekeeping after our first is done (autovacuum would come within the next minute, in the midst of any turn).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

from rich.console import Console

from benchmarks.dealer import CHANGED_EVERY, Dealer, open_dealer
from benchmarks.programs import time_program
from benchmarks.results import Result, at_least
from benchmarks.stage import Stage
from benchmarks.sync_stage import Turn, fresh_database, open_gateway, ratios, show

CUSTOMERS = 100_000
_DLT = "dlt[postgres]==1.31.0"


class SyncPull:
    """The benchmark."""

    name = "sync.pull"

    def run(self, stage: Stage, console: Console) -> list[Result]:
        """The three ratios, for every round."""
        count = max(2000, round(CUSTOMERS * stage.scale))
        turns: dict[str, list[Turn]] = {"floor": [], "dlt": [], "köprü": [], "köprü again": []}
        python = _python_with_dlt(stage.folder)
        with open_dealer(stage.folder, count) as dealer:
            for _ in range(stage.rounds):
                turns["floor"].append(_take_turn(stage, dealer, [sys.executable, "-m", "benchmarks.floor.pull"]))
                turns["dlt"].append(
                    _take_turn(stage, dealer, [python, "-P", str(Path(__file__).parent / "floor" / "dlt_pull.py")])
                )
                first, second = pull_twice(stage, dealer)
                turns["köprü"].append(first)
                turns["köprü again"].append(second)
        show(console, self.name, count, turns)
        floor, dlt, firsts, seconds = turns.values()
        return [
            Result("sync.pull_floor", "× floor", at_least(0.15), ratios(floor, firsts)),
            Result("sync.pull_dlt", "× dlt", at_least(2), ratios(dlt, firsts)),
            Result("sync.repull", "× first", at_least(3), ratios(firsts, seconds)),
        ]


def pull_twice(stage: Stage, dealer: Dealer) -> tuple[Turn, Turn]:
    """Our first pull of everything, and our second with 1 in 100 changed; raises RunFailed."""
    dealer.edition = 1
    with open_gateway(stage, dealer) as gateway:
        first = gateway.run(read=dealer.count, created=dealer.count)
        gateway.settle()
        dealer.edition = 2
        return first, gateway.run(read=dealer.count, created=0, changed=-(-dealer.count // CHANGED_EVERY))


def _take_turn(stage: Stage, dealer: Dealer, command: list[str]) -> Turn:
    """One pull by another program into a database of its own."""
    dealer.edition = 1
    folder = stage.folder / f"pipelines-{time.time_ns()}"
    try:
        with fresh_database(stage) as url:
            environ = {**stage.environ(url), "RUNTIME__DLTHUB_TELEMETRY": "false"}
            return time_program(stage, [*command, f"{dealer.url}/customers", str(folder)], environ)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _python_with_dlt(folder: Path) -> str:
    """The interpreter of a virtualenv that has dlt, made when there is none."""
    home = folder / "dlt-venv"
    python = home / "bin" / "python"
    if not python.exists():
        print("making a virtualenv with dlt …", flush=True)
        venv.create(home, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", _DLT], check=True)
    return str(python)


BENCHMARK = SyncPull()
