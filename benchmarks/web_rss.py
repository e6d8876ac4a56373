"""`web.rss_mib`: resident memory of one web worker after 100,000 requests, which must also have stopped growing.

One worker of the product (4 threads) answers 60,000 GETs, 20,000 lists of 50 and 20,000 POSTs, by 16 connections, on
100,000 customers. The number is the largest value of /proc/PID/stat of that worker at the end; the run fails where it
has grown by more than 5 % since the 50,000th request. There is no floor: the bound is absolute.
"""

from __future__ import annotations

from rich.console import Console

from benchmarks import api_get, api_list, api_post
from benchmarks.load import write_requests
from benchmarks.processes import resident_mib
from benchmarks.results import Result, at_most
from benchmarks.rounds import Target, take_turn
from benchmarks.stage import Database, Stage, tokens_of
from benchmarks.web import WebServer

REQUESTS = 100_000
_MOST_GROWTH = 1.05


class StillGrowing(AssertionError):
    """Memory goes on growing, so a worker would not stay under any bound."""


class WebMemory:
    """The benchmark."""

    name = "web.rss_mib"

    def run(self, stage: Stage, console: Console) -> list[Result]:
        """MiB at the end; raises StillGrowing."""
        database = stage.database()
        with stage.product(database, workers=1) as server:
            target = _mixed(stage, server, database)
            half = _resident_after(stage, target, round(REQUESTS * stage.scale / 2))
            whole = _resident_after(stage, target, round(REQUESTS * stage.scale / 2))
        console.print(f"{self.name}: {half:.1f} MiB after half of the requests, {whole:.1f} MiB after all")
        if whole > half * _MOST_GROWTH and stage.scale >= 1:
            raise StillGrowing(f"a web worker grew from {half:.1f} to {whole:.1f} MiB")
        return [Result(self.name, "MiB", at_most(150), [whole])]


def _resident_after(stage: Stage, target: Target, requests: int) -> float:
    answered = 0
    while answered < requests:
        answered += take_turn(stage, target).load.requests
    return max(resident_mib(pid) for pid in target.server.worker_pids)


def _mixed(stage: Stage, server: WebServer, database: Database) -> Target:
    headers = {door.partner_id: f"Bearer {token}" for token, door in tokens_of(server, database).items()}
    gets, lists, posts = (each.ask(database, headers) for each in (api_get, api_list, api_post))
    fives = zip(gets[0::3], gets[1::3], gets[2::3], lists, posts, strict=False)
    mixed = [wanted for five in fives for wanted in five]
    return Target(server, write_requests(stage.folder / "mixed.requests", mixed))


BENCHMARK = WebMemory()
