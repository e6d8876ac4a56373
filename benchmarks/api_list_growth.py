"""`api.list_growth_p99`: the list of `api.list` on 1,000,000 customers, its p99 latency over that on 100,000.

Both are the product itself, on two databases of one PostgreSQL, in alternating rounds. The large one is the small one
ten times over (every partner and city has ten times as many customers), made in SQL; interactions and search keys,
which this list never reads, are not multiplied. Both are asked for the same cities of the same partners, where a page
is full in either. 4 connections: with 16 the server is full, and the tail would tell of the queue before it instead of
the list. Fair because only the number of customers differs; 1.0 would mean that size does not matter at all.
"""

from __future__ import annotations

from rich.console import Console

from benchmarks import api_list, rounds
from benchmarks.load import write_requests
from benchmarks.results import Result, at_most
from benchmarks.rounds import Target
from benchmarks.stage import Database, Stage, tokens_of
from benchmarks.web import WebServer


class ListGrowth:
    """The benchmark."""

    name = "api.list_growth_p99"
    times = 10
    connections = 4

    def run(self, stage: Stage, console: Console) -> list[Result]:
        """p99 of the large over p99 of the small, for every round."""
        small, large = stage.database(), stage.database(self.times)
        with stage.product(small) as near, stage.product(large) as far:
            ours, floor = _target(stage, far, large, small), _target(stage, near, small, small)
            turns = rounds.alternate(stage, ours, floor, self.connections)
        rounds.show(console, self.name, turns, ("100,000", "1,000,000"))
        growth = [far.load.p99_ms / near.load.p99_ms for far, near in turns]
        return [Result(self.name, "× p99", at_most(1.3), growth)]


def _target(stage: Stage, server: WebServer, database: Database, asked_of: Database) -> Target:
    headers = {door.partner_id: f"Bearer {token}" for token, door in tokens_of(server, database).items()}
    requests = api_list.ask(asked_of, headers)
    return Target(server, write_requests(stage.folder / f"{database.name}.requests", requests))


BENCHMARK = ListGrowth()
