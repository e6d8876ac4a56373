"""Alternating rounds: the floor, then ours, again and again, so that a noisy neighbour disturbs both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.load import CONNECTIONS, Load
from benchmarks.processes import cpu_seconds
from benchmarks.stage import Stage
from benchmarks.web import WebServer

WARM_UP_SECONDS = 2.0
_MOST_TRIES = 3


class Target(NamedTuple):
    """A server and the file of requests it is sent."""

    server: WebServer
    requests: Path


class Turn(NamedTuple):
    """One server's turn in a round: its load, and CPU microseconds a request of web server and PostgreSQL."""

    load: Load
    web_us: float
    postgres_us: float


class RoundSpoilt(Exception):
    """A server refused requests in every try, so there is no number."""


def alternate(stage: Stage, ours: Target, floor: Target, connections: int = CONNECTIONS) -> list[tuple[Turn, Turn]]:
    """(ours, floor) of every round."""
    for target in (floor, ours):
        stage.load(target.server, target.requests, min(WARM_UP_SECONDS, stage.seconds), connections)
    rounds = []
    for _ in range(stage.rounds):
        floor_turn, our_turn = take_turn(stage, floor, connections), take_turn(stage, ours, connections)
        rounds.append((our_turn, floor_turn))
    return rounds


def take_turn(stage: Stage, target: Target, connections: int = CONNECTIONS) -> Turn:
    """One server under load; a turn with any answer other than 2xx is thrown away and taken again."""
    for _ in range(_MOST_TRIES):
        web, postgres = cpu_seconds(target.server.pid), cpu_seconds(stage.postgres_pid)
        load = stage.load(target.server, target.requests, stage.seconds, connections)
        web, postgres = cpu_seconds(target.server.pid) - web, cpu_seconds(stage.postgres_pid) - postgres
        if not load.refused:
            return Turn(load, web / load.requests * 1e6, postgres / load.requests * 1e6)
        print(f"{target.server.name}: {load.refused} of {load.requests} were refused; the round is thrown away")
    raise RoundSpoilt(f"{target.server.name} refuses requests; its log is in {stage.folder}")


def ratios(rounds: Sequence[tuple[Turn, Turn]]) -> list[float]:
    """Ours over the floor in requests per second, for each round."""
    return [ours.load.per_second / floor.load.per_second for ours, floor in rounds]


def show(
    console: Console, title: str, rounds: Sequence[tuple[Turn, Turn]], names: tuple[str, str] = ("floor", "köprü")
) -> None:
    """Print medians of both sides (the floor's name first), and ours over the floor in requests and in CPU."""
    ours, floor = [ours for ours, _ in rounds], [floor for _, floor in rounds]
    table = Table("", "requests/s", "spread", "web µs", "PostgreSQL µs", "p50 ms", "p99 ms", title=title)
    for name, turns in zip(names, (floor, ours), strict=True):
        rates = [turn.load.per_second for turn in turns]
        table.add_row(
            name,
            f"{median(rates):,.0f}",
            f"{min(rates):,.0f}–{max(rates):,.0f}",
            _of(turns, lambda turn: turn.web_us, ".0f"),
            _of(turns, lambda turn: turn.postgres_us, ".0f"),
            _of(turns, lambda turn: turn.load.p50_ms, ".1f"),
            _of(turns, lambda turn: turn.load.p99_ms, ".1f"),
        )
    # Turned over, so that it can be read beside the ratio of requests: 0.5 is twice the CPU.
    cpu = median((floor.web_us + floor.postgres_us) / (ours.web_us + ours.postgres_us) for ours, floor in rounds)
    rate = ratios(rounds)
    by_rate = f"{median(rate):.3f} ({min(rate):.3f}–{max(rate):.3f})"
    table.caption = f"{names[1]} against {names[0]}: by requests {by_rate}, by CPU {cpu:.3f}"
    console.print(table)


def _of(turns: Sequence[Turn], read: Callable[[Turn], float], form: str) -> str:
    return format(median(map(read, turns)), form)
