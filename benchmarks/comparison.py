"""A benchmark that compares requests per second with a floor: prove sameness, then alternate, then divide."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from benchmarks import rounds, sameness
from benchmarks.load import Wanted, write_requests
from benchmarks.results import Bound, Result
from benchmarks.rounds import Target
from benchmarks.sameness import Without
from benchmarks.stage import Database, Door, Stage, tokens_of
from benchmarks.web import WebServer

Ask = Callable[[Database, dict[str, str]], list[Wanted]]
_SAMPLES = 3


@dataclass(frozen=True)
class Comparison:
    """Ours against `benchmarks.floor.<floor>`.

    `ask` makes the requests out of a database and the Authorization header of each partner (by partner id); `marked`
    and `without` are what `sameness.check` wants.
    """

    name: str
    bound: Bound
    floor: str
    ask: Ask
    marked: str
    without: Without

    def run(self, stage: Stage, console: Console) -> list[Result]:
        """The ratio of every round; raises NotTheSame before anything is measured."""
        database = self.database(stage)
        with sameness.statements_logged(database), self._servers(stage, database) as (ours, floor, wanted):
            self.prove(stage, ours.server, floor.server, wanted)
        with self._servers(stage, database) as (ours, floor, _):
            turns = rounds.alternate(stage, ours, floor)
        rounds.show(console, self.name, turns)
        return [Result(self.name, "× floor", self.bound, rounds.ratios(turns))]

    def database(self, stage: Stage) -> Database:
        """What both are asked about."""
        return stage.database()

    def prove(self, stage: Stage, ours: WebServer, floor: WebServer, wanted: list[Wanted]) -> None:
        """Compare answers and statements of the first few requests; raises NotTheSame."""
        sameness.check(stage, ours, floor, wanted[:_SAMPLES], self.marked, self.without)

    @contextmanager
    def _servers(self, stage: Stage, database: Database) -> Iterator[tuple[Target, Target, list[Wanted]]]:
        with stage.product(database) as ours:
            known = self.callers(tokens_of(ours, database))
            wanted = self.ask(database, {door.partner_id: header for header, door in known.items()})
            requests = write_requests(Path(stage.folder / f"{self.name}.requests"), wanted)
            with stage.floor(self.floor, database, known, ours.url) as floor:
                yield Target(ours, requests), Target(floor, requests), wanted

    def callers(self, tokens: dict[str, Door]) -> dict[str, Door]:
        """Who asks, by Authorization header."""
        return {f"Bearer {token}": door for token, door in tokens.items()}
