"""`kopru up` as a whole: it ends with everything it started, keeps the data, and says why it cannot start."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.crowd import Clock, processes_of
from tests.faults.installation import ROOT
from tests.ports import HOST, free_port

pytestmark = pytest.mark.faults

FIRST_START_SECONDS, SECOND_START_SECONDS = 60.0, 8.0
STOP_SECONDS = 10.0
PATIENCE_SECONDS = 60.0


class Up:
    """One `kopru up` on a folder and a port."""

    def __init__(self, var: Path, port: int) -> None:
        self.var = var
        self.url = f"http://{HOST}:{port}"
        environ = {name: value for name, value in os.environ.items() if not name.startswith("KOPRU_")}
        for name in ("DATABASE_URL", "REDIS_URL"):
            environ.pop(name, None)
        environ |= {"KOPRU_VAR": str(var), "PYTHONPATH": str(ROOT)}
        self.ready_seconds, self.clock = 0.0, Clock(var)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gateway.cli", "up", "--port", str(port)],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def ready(self) -> None:
        """Wait until the API answers."""
        wait_for(lambda: self.process.poll() is not None or self.answers(), FIRST_START_SECONDS)
        assert self.process.poll() is None, self.said()
        self.ready_seconds = self.clock.alone()

    def answers(self) -> bool:
        """Whether it is ready to serve."""
        return self._health() is not None

    def is_whole(self) -> bool:
        """Whether both servers answer too."""
        health = self._health() or {}
        return health.get("database") == health.get("redis") == "ok"

    def _health(self) -> dict[str, str] | None:
        with suppress(OSError), urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
            read: dict[str, str] = json.load(answer)
            return read
        return None

    def key(self) -> str:
        """The id of its signing key, which is stored in the database and sealed with a key in the folder."""
        with urllib.request.urlopen(f"{self.url}/oauth/jwks", timeout=5) as answer:
            return str(json.load(answer)["keys"][0]["kid"])

    def said(self) -> str:
        """All it printed, once it has ended."""
        assert self.process.stdout is not None
        return self.process.stdout.read().decode()

    def ends(self, number: signal.Signals) -> tuple[int, float]:
        """Send a signal; the exit code and how long it took, alone, until nothing was left of it."""
        clock = Clock(self.var)
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE_SECONDS)
        wait_for(lambda: not processes_of(self.var), PATIENCE_SECONDS)
        return code, clock.alone()


def read(path: Path) -> str:
    """What a file holds, nothing while it is away."""
    with suppress(OSError):
        return path.read_text()
    return ""


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    """Look every 20 ms until it is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not so after {seconds} s"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    """A folder that lives through all starts of this file."""
    with tempfile.TemporaryDirectory(prefix="kopru-up-") as folder:
        yield Path(folder).resolve()


@contextmanager
def up(var: Path, port: int) -> Iterator[Up]:
    """`kopru up` for the length of the block; whatever the block leaves is ended."""
    running = Up(var, port)
    try:
        yield running
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in processes_of(var):
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
            with suppress(AssertionError):
                wait_for(lambda: not processes_of(var), PATIENCE_SECONDS)
        running.process.wait()
        if running.process.stdout:
            running.process.stdout.close()


@dataclass(frozen=True)
class FirstStart:
    """What was noted of a start on an empty folder that was ended by Ctrl-C."""

    key: str
    processes: int
    code: int
    ended_seconds: float


@pytest.fixture(scope="module")
def first(var: Path) -> FirstStart:
    """A start on an empty folder, ended by Ctrl-C."""
    with up(var, free_port()) as running:
        running.ready()
        return FirstStart(running.key(), len(processes_of(var)), *running.ends(signal.SIGINT))


@pytest.fixture(scope="module")
def second(var: Path, first: FirstStart) -> Iterator[Up]:
    """The next start on the same folder, ready to serve."""
    assert first.code == 0
    with up(var, free_port()) as running:
        running.ready()
        yield running


def test_ctrl_c_leaves_no_process(first: FirstStart) -> None:
    print(f"\n{first.processes} processes ended after {first.ended_seconds:.1f} s")  # noqa: T201
    assert first.processes > len(("up", "web", "sync", "sync", "webhooks", "upkeep", "postgres", "redis"))
    assert (first.code, first.ended_seconds < STOP_SECONDS) == (0, True)


def test_second_start_is_quick_and_keeps_the_data(first: FirstStart, second: Up) -> None:
    print(f"\nready after {second.ready_seconds:.1f} s of a machine of its own")  # noqa: T201
    assert second.key() == first.key
    assert second.ready_seconds < SECOND_START_SECONDS


def test_killed_server_of_its_own_is_started_again(var: Path, second: Up) -> None:
    for noted in (var / "postgres" / "pid", var / "redis" / "pid"):
        before = read(noted)
        os.kill(int(before.split()[0]), signal.SIGKILL)
        wait_for(lambda: second.process.poll() is not None or read(noted) not in ("", before), 20)  # noqa: B023
    wait_for(lambda: second.process.poll() is not None or second.is_whole(), 20)
    assert second.process.poll() is None, second.said()


def test_killed_up_takes_everything_with_it(second: Up) -> None:
    _, ended = second.ends(signal.SIGKILL)
    print(f"\nnothing left {ended:.1f} s after kill -9")  # noqa: T201
    assert ended < STOP_SECONDS


def test_ctrl_c_in_the_middle_of_a_start_leaves_no_process(var: Path) -> None:
    with up(var, free_port()) as running:
        wait_for(lambda: len(processes_of(var)) > 2, FIRST_START_SECONDS)
        code, ended = running.ends(signal.SIGINT)
    print(f"\nended with {code} after {ended:.1f} s")  # noqa: T201
    assert (code, ended < STOP_SECONDS) == (0, True)


def test_taken_port_is_one_sentence_and_exit_code_3(var: Path) -> None:
    with socket.socket() as holder:
        holder.bind((HOST, 0))
        holder.listen()
        port = holder.getsockname()[1]
        with up(var, port) as running:
            code = running.process.wait(FIRST_START_SECONDS)
            said = running.said().strip()
    assert (code, said.count("\n")) == (3, 0)
    assert f"Port {port} cannot be used" in said
