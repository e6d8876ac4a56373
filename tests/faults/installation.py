"""A whole installation in a folder of its own: servers that keep what they acknowledge, web, workers, upkeep.

The programs run under the product's supervisor, so what a test kills is started again as in production. The test's own
thread must watch over them: it waits only through `wait` and `pause`, which do.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

import psycopg

from gateway.embedded import EmbeddedServers
from gateway.embedded_cluster import SUPERUSER
from gateway.installation import complete
from gateway.supervisor import Program, Supervisor
from gateway.web import web_command
from tests.ports import HOST, free_port

ROOT = Path(__file__).parents[2]
WEB_PROCESSES = 3
HOLDER = "holder-of-the-run"  # a file that names the process that took a sync run last
_READY_SECONDS = 30.0
_START_SECONDS = 90.0  # a dozen processes begin at once beside whatever else is tested: no claim, only patience


@dataclass(frozen=True)
class Seeded:
    """A partner in the installation, with customers shared with it and a client on each side."""

    code: str
    outside: tuple[str, str]
    inside: tuple[str, str]
    customers: list[str]


class Installation:
    """Everything of one installation, started and stopped together."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.base_url = f"http://{HOST}:{self.port}"
        self.servers = EmbeddedServers(folder)
        self.supervisor: Supervisor

    # --- life

    def start(self) -> None:
        """Start all of it and wait until it answers."""
        self.servers.start()
        given = {name: value for name, value in os.environ.items() if not name.startswith("KOPRU_")}
        for name in ("DATABASE_URL", "REDIS_URL"):
            given.pop(name, None)
        given |= {
            "PYTHONPATH": str(ROOT),
            "KOPRU_VAR": str(self.folder),
            "KOPRU_WEBHOOK_ALLOW": "127.0.0.0/8",
            "KOPRU_RATE_LIMIT": "1000000/60",
            "KOPRU_LOG_LEVEL": "WARNING",
        }
        self.supervisor = Supervisor(complete(given, self.folder, self.base_url))
        self.seed("ilk")
        self.run_programs()
        self.wait(self.is_ready, _START_SECONDS, "the installation answers for the first time")

    def run_programs(self) -> None:
        """Keep everything running that an installation needs."""
        self.run_web(WEB_PROCESSES)
        for name, queue in (
            ("sync-1", "sync"),
            ("sync-2", "sync"),
            ("sync-3", "sync"),
            ("webhooks",) * 2,
            ("upkeep",) * 2,
        ):
            self.run_program(name, "tests.faults.worker", queue)

    def run_web(self, processes: int) -> None:
        """Keep the web server running with so many processes."""
        self.run_program("web", "tests.faults.web", *web_command(HOST, self.port, workers=processes)[1:])

    def stop(self) -> None:
        """Stop all of it."""
        try:
            self.supervisor.stop()
        finally:
            self.servers.stop()

    def run_program(self, name: str, module: str, *arguments: str) -> Program:
        """Keep a Python module running; it is started again without the growing pause, for tests kill it often."""
        command = (sys.executable, "-m", module, *arguments)
        program = Program(name, command, self.folder / "log" / f"{name}.log", pause=0.0)
        self.supervisor.start(program)
        return program

    def heal(self) -> None:
        """Bring back what an earlier test left down, and wait until it answers."""
        self.servers.start()
        self.wait(self.is_ready, _READY_SECONDS, "the installation answers")

    def is_ready(self) -> bool:
        """Whether the web server answers and both servers stand behind it."""
        with (
            suppress(OSError, HTTPException),
            urllib.request.urlopen(f"{self.base_url}/readyz", timeout=2) as answer,
        ):
            return bool(json.load(answer)["redis"] == "ok")
        return False

    # --- time

    def wait(self, condition: Callable[[], bool], seconds: float, what: str) -> float:
        """Watch over the programs until the condition holds; answers how long that took."""
        started = time.monotonic()
        while not condition():
            self.supervisor.watch()
            assert time.monotonic() - started < seconds, f"after {seconds} s not yet: {what}; logs: {self.last_words()}"
            time.sleep(0.02)
        return time.monotonic() - started

    def pause(self, seconds: float) -> None:
        """Watch over the programs for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.supervisor.watch()
            time.sleep(min(0.02, seconds))

    def last_words(self) -> str:
        """The end of every program's log, for a failed assertion."""
        logs = sorted((self.folder / "log").glob("*.log"))
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-4000:]}" for log in logs)

    # --- processes

    def program(self, name: str) -> Program:
        """The program with this name."""
        return next(each for each in self.supervisor.programs if each.name == name)

    def kill(self, name: str) -> bool:
        """Kill a program's main process; False when it is down already."""
        process = self.program(name).process
        if process is None or process.poll() is not None:
            return False
        process.kill()
        return True

    def worker(self, name: str) -> int:
        """The process that does a worker's work, the child of its program; 0 while there is none."""
        process = self.program(name).process
        return next(iter(children(process.pid)), 0) if process else 0

    def has_started(self, name: str) -> bool:
        """Whether a worker's program and its process do something of their own at SIGTERM: till then they die of it."""
        process, worker = self.program(name).process, self.worker(name)
        return process is not None and worker != 0 and hears_the_end(process.pid) and hears_the_end(worker)

    def web_workers(self) -> list[int]:
        """The processes that answer requests, children of the web server's main process."""
        process = self.program("web").process
        return children(process.pid) if process else []

    # --- content

    def seed(self, code: str, customers: int = 0) -> Seeded:
        """Add a partner with so many customers."""
        command = [sys.executable, "-m", "tests.faults.seed", code, str(customers)]
        ran = subprocess.run(
            command, env=self.supervisor.environ, cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr
        made = json.loads(ran.stdout)
        return Seeded(made["code"], tuple(made["outside"]), tuple(made["inside"]), made["customers"])

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """What the database holds, seen past row-level security."""
        with self.connected() as connection:
            cursor = connection.execute(query.encode(), parameters)
            return cursor.fetchall() if cursor.description else []

    def connected(self) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection of the bootstrap superuser."""
        url = self.servers.postgres.url_for("kopru", SUPERUSER).replace("postgresql+psycopg", "postgresql")
        return psycopg.connect(url, autocommit=True)

    def count(self, query: str, *parameters: object) -> int:
        """The number a query answers."""
        return int(self.rows(query, *parameters)[0][0])


@contextmanager
def installed(folder: Path) -> Iterator[Installation]:
    """An installation for the length of the block."""
    installation = Installation(folder)
    try:
        installation.start()
        yield installation
    finally:
        installation.stop()


def children(pid: int) -> list[int]:
    """The living direct children of a process, the oldest first: numbers of processes begin anew where they end."""
    numbers = (int(path.name) for path in Path("/proc").glob("[0-9]*"))
    born = ((_parent_and_birth(number), number) for number in numbers)
    return [number for (parent, _), number in sorted(born, key=lambda each: (each[0][1], each[1])) if parent == pid]


def parent_of(pid: int) -> int:
    """The parent of a living process; 0 for one that is not."""
    return _parent_and_birth(pid)[0]


def _parent_and_birth(pid: int) -> tuple[int, int]:
    with suppress(OSError):
        state, parent, *more = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(parent), int(more[17])) if state not in "ZX" else (0, 0)
    return 0, 0


def hears_the_end(pid: int) -> bool:
    """Whether a living process does something of its own at SIGTERM."""
    with suppress(OSError):
        told = Path(f"/proc/{pid}/status").read_text().partition("SigCgt:")[2].split()
        return bool(told and int(told[0], 16) >> (signal.SIGTERM - 1) & 1)
    return False


def seeded_random(name: str) -> random.Random:
    """Chance that can be repeated: its seed is printed, and taken from KOPRU_TEST_SEED where that is set."""
    seed = os.environ.get("KOPRU_TEST_SEED") or str(random.SystemRandom().randrange(10**6))
    print(f"\n{name}: KOPRU_TEST_SEED={seed}")  # noqa: T201
    return random.Random(f"{name}:{seed}")
