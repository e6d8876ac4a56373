"""`webhooks.claim_growth`: what claiming costs with 5,000,000 old deliveries in the table, against 50,000.

Both databases have ten endpoints, to which 10,000 messages are due; they are claimed twenty at a time as a dispatcher
does it, each claim committed. The cost is the CPU of the server process that serves it, for a clock would tell of the
neighbours; rounds alternate. Old deliveries are spread over the endpoints and have been delivered; their payloads are
short, for claims do not read them.
"""

from __future__ import annotations

from rich.console import Console

from benchmarks.processes import cpu_seconds
from benchmarks.results import Result, at_most
from benchmarks.stage import Stage
from benchmarks.webhooks_stage import SYSTEM, Gateway, NotDelivered, open_gateway, open_receiver
from gateway.db import transaction
from gateway.webhooks.delivery import due

OLD, TIMES, ENDPOINTS = 50_000, 100, 10
DUE, AT_ONCE = 10_000, 20


class WebhooksClaim:
    """The benchmark."""

    name = "webhooks.claim_growth"

    def run(self, stage: Stage, console: Console) -> list[Result]:
        """The ratio of every round, after one to warm up."""
        old, count = max(500, round(OLD * stage.scale)), max(400, round(DUE * stage.scale))
        with (
            open_receiver() as receiver,
            open_gateway(stage, receiver, ENDPOINTS) as small,
            open_gateway(stage, receiver, ENDPOINTS, "bench_webhooks_large") as large,
        ):
            small.owe(old, "delivered")
            large.owe(old * TIMES, "delivered")
            rounds = [(claim_all(small, count), claim_all(large, count)) for _ in range(stage.rounds + 1)][1:]
        for little, much in rounds:
            console.print(
                f"{self.name}: {little:.0f} µs of PostgreSQL a delivery, with {TIMES} times as many {much:.0f}"
            )
        return [Result(self.name, "× CPU", at_most(1.2), [much / little for little, much in rounds])]


def claim_all(gateway: Gateway, count: int) -> float:
    """Microseconds of PostgreSQL for claiming one of so many; raises NotDelivered."""
    gateway.owe(count)
    gateway.open()
    server, left = _server(), count
    used = cpu_seconds(server)
    while left > 0:
        with transaction(SYSTEM) as tx:
            claims = due.claim(tx, AT_ONCE, lambda _: AT_ONCE).claims
        if not claims:
            raise NotDelivered(f"{left} of {count} were not claimed")
        left -= len(claims)
    used = cpu_seconds(server) - used
    with gateway.superuser() as connection:
        connection.execute("UPDATE webhook_deliveries SET status = 'delivered' WHERE status = 'pending'")
    return used / count * 1e6


def _server() -> int:
    """The server process of the one connection that is used: nobody else's work counts."""
    with transaction(SYSTEM) as tx:
        return tx.raw.info.backend_pid


BENCHMARK = WebhooksClaim()
