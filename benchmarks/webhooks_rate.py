"""`webhooks.rate`: deliveries a second, against a bare client that only sends the same signed bodies.

Ours is the product's worker: 20,000 messages of 1 KiB that wait for ten endpoints are claimed, signed, sent, and their
attempts recorded; the clock runs from the bell until the last is settled. The floor, `benchmarks.floor.webhooks`, reads
the bodies with their signatures from a file and sends them over kept-alive connections of the standard library, as many
at once as one process of ours does, and keeps no books. Both send to the same receiver, in alternating rounds.
"""

from __future__ import annotations

import sys
import time
from uuid import UUID

import orjson
from rich.console import Console
from rich.table import Table

from benchmarks.processes import cpu_seconds
from benchmarks.programs import time_program
from benchmarks.results import Result, at_least
from benchmarks.stage import Stage
from benchmarks.sync_stage import Turn, ratios
from benchmarks.webhooks_stage import Gateway, Receiver, open_gateway, open_receiver, ring, wait_for
from gateway.webhooks.delivery.shares import MOST
from gateway.webhooks.endpoints import signature

MESSAGES, ENDPOINTS = 20_000, 10


class WebhooksRate:
    """The benchmark."""

    name = "webhooks.rate"

    def run(self, stage: Stage, console: Console) -> list[Result]:
        """The ratio of every round."""
        count = max(500, round(MESSAGES * stage.scale))
        ours: list[Turn] = []
        floor: list[Turn] = []
        with open_receiver() as receiver, open_gateway(stage, receiver, ENDPOINTS) as gateway:
            signed = sign(stage, receiver, gateway, count)
            for _ in range(stage.rounds):
                floor.append(send_bare(stage, receiver, signed))
                ours.append(deliver(gateway, count))
        _show(console, count, {"floor": floor, "köprü": ours})
        return [Result(self.name, "× floor", at_least(0.4), ratios(floor, ours))]


def deliver(gateway: Gateway, count: int) -> Turn:
    """Have the product send what waits; raises NotDelivered."""
    gateway.owe(count)
    gateway.receiver.forget()
    with gateway.worker() as worker:
        used, postgres, began = cpu_seconds(worker.pid), cpu_seconds(gateway.stage.postgres_pid), time.monotonic()
        ring()
        wait_for(lambda: gateway.receiver.count() >= count, 300, "all have arrived")
        wait_for(gateway.is_settled, 60, "all are settled")
        seconds = time.monotonic() - began
        return Turn(seconds, cpu_seconds(worker.pid) - used, cpu_seconds(gateway.stage.postgres_pid) - postgres)


def sign(stage: Stage, receiver: Receiver, gateway: Gateway, count: int) -> str:
    """What the bare client is to send: bodies like ours, signed beforehand."""
    gateway.owe(count)
    waiting = "SELECT event_id, payload FROM webhook_deliveries WHERE status = 'pending'"
    with gateway.superuser() as connection:
        rows = connection.execute(waiting).fetchall()
        connection.execute("UPDATE webhook_deliveries SET status = 'cancelled'")
    place = stage.folder / "webhooks.messages"
    place.write_bytes(orjson.dumps([_message(receiver.port, *row) for row in rows]))
    return str(place)


def _message(port: int, event_id: UUID, payload: str) -> tuple[str, int, str, dict[str, str], str]:
    signed = signature.headers([signature.new_key("v1")], str(event_id), int(time.time()), payload.encode())
    headers = {"content-type": "application/json", "user-agent": "Kopru-Webhooks/1.0", **signed}
    return "127.0.0.1", port, "/kopru", headers, payload


def send_bare(stage: Stage, receiver: Receiver, messages: str) -> Turn:
    """Have the bare client send them."""
    receiver.forget()
    command = [sys.executable, "-m", "benchmarks.floor.webhooks", messages, str(MOST)]
    return time_program(stage, command, stage.environ("postgresql:///none"))


def _show(console: Console, count: int, turns: dict[str, list[Turn]]) -> None:
    table = Table("", "messages/s", "own µs", "PostgreSQL µs", title="webhooks.rate")
    for name, taken in turns.items():
        each = sorted(taken, key=lambda turn: turn.seconds)[len(taken) // 2]
        costs = (each.cpu_seconds / count * 1e6, each.postgres_seconds / count * 1e6)
        table.add_row(name, f"{count / each.seconds:,.0f}", *(f"{cost:.0f}" for cost in costs))
    console.print(table)


BENCHMARK = WebhooksRate()
