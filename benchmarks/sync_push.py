"""`sync.push`: 10,000 changes of customers sent to the dealer, against a bare client that sends the same requests.

Ours is a run as the product does it: the changes found among the events, their operations written down, claimed in
batches, announced before they are sent one request each, and settled in commits of their own while the next are on
their way. The floor, `benchmarks.floor.push`, is a `requests.Session` that sends the very bytes the dealer got from
us, one after the other, asks the environment for no proxies, as we do not, and keeps no books. Fair because methods,
addresses and bodies are the same; alternating rounds, the dealer's pages are empty meanwhile.
"""

from __future__ import annotations

import sys

import orjson
from rich.console import Console

from benchmarks.dealer import Dealer
from benchmarks.programs import time_program
from benchmarks.results import Result, at_least
from benchmarks.stage import Stage
from benchmarks.sync_stage import SYSTEM, Gateway, Turn, open_dealer_and_gateway, ratios, show
from gateway.bulk import Changed
from gateway.customers import bulk as customers
from gateway.db import transaction

CHANGES = 10_000
_BATCH = 1000


class SyncPush:
    """The benchmark."""

    name = "sync.push"

    def run(self, stage: Stage, console: Console) -> list[Result]:
        """The ratio of every round."""
        count = max(500, round(CHANGES * stage.scale))
        ours: list[Turn] = []
        floor: list[Turn] = []
        with open_dealer_and_gateway(stage, count) as gateway:
            gateway.run(created=count)
            gateway.dealer.edition = 0
            for _ in range(stage.rounds):
                ours.append(push(gateway))
                floor.append(send_again(stage, gateway.dealer))
        show(console, self.name, count, {"floor": floor, "köprü": ours})
        return [Result(self.name, "× floor", at_least(0.5), ratios(floor, ours))]


def push(gateway: Gateway) -> Turn:
    """Change every customer in the hub, and send it on."""
    with transaction(SYSTEM, statement_seconds=60) as tx:
        ids = [row[0] for row in tx.raw.execute("SELECT id FROM customers ORDER BY id").fetchall()]
        for first in range(0, len(ids), _BATCH):
            rows = customers.fetch(tx, ids[first : first + _BATCH]).values()
            customers.change(
                tx, [Changed(row, row | {"owner": None, **_renamed(row)}, ("given_name",)) for row in rows]
            )
    gateway.dealer.writes.clear()
    return gateway.run(pushed=len(ids))


def _renamed(row: customers.Row) -> customers.Row:
    return {"given_name": f"{row['given_name'][:50]} {row['version']}"}


def send_again(stage: Stage, dealer: Dealer) -> Turn:
    """Have the bare client send what the dealer got from us."""
    place = stage.folder / "push.requests"
    place.write_bytes(orjson.dumps([(each.method, each.target, each.body.decode()) for each in dealer.writes]))
    command = [sys.executable, "-m", "benchmarks.floor.push", dealer.url, str(place)]
    return time_program(stage, command, stage.environ("postgresql:///none"))


BENCHMARK = SyncPush()
