"""`kopru up` as a whole: it ends with everything it started, keeps the data, and says why it cannot start."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.faults.installation import HOST, ROOT, free_port

pytestmark = pytest.mark.faults

FIRST_START_SECONDS, SECOND_START_SECONDS = 60.0, 8.0
STOP_SECONDS = 10.0


class Up:
    """One `kopru up` on a folder and a port."""

    def __init__(self, var: Path, port: int) -> None:
        self.var = var
        self.url = f"http://{HOST}:{port}"
        environ = {name: value for name, value in os.environ.items() if not name.startswith("KOPRU_")}
        for name in ("DATABASE_URL", "REDIS_URL"):
            environ.pop(name, None)
        environ |= {"KOPRU_VAR": str(var), "PYTHONPATH": str(ROOT)}
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gateway.cli", "up", "--port", str(port)],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def ready(self) -> float:
        """Wait until the API answers; how long that took."""
        wait_for(lambda: self.process.poll() is not None or self.answers(), FIRST_START_SECONDS)
        assert self.process.poll() is None, self.said()
        return time.monotonic() - self.started

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
        """Send a signal; the exit code and how long it took until nothing was left of it."""
        started = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(STOP_SECONDS)
        wait_for(lambda: not processes_of(self.var), STOP_SECONDS)
        return code, time.monotonic() - started


def processes_of(var: Path) -> list[int]:
    """Every living process of an installation: by its environment, or, the servers', by where it works."""
    mark = f"KOPRU_VAR={var}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            is_ours = mark in (process / "environ").read_bytes().split(b"\0")
            is_ours = is_ours or (process / "cwd").readlink().is_relative_to(var)
            if is_ours and (process / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX":
                found.append(int(process.name))
    return found


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    """Look every 20 ms until it is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not so after {seconds} s"
        time.sleep(0.02)


def crowding() -> float:
    """How many times longer than its own processor time a process takes now, because others run beside it."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run([sys.executable, "-c", "import gateway.app"], cwd=ROOT, check=True)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - started
    return max(1.0, wall / (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))


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
                wait_for(lambda: not processes_of(var), STOP_SECONDS)
        running.process.wait()
        if running.process.stdout:
            running.process.stdout.close()


def test_ctrl_c_leaves_no_process_and_the_next_start_keeps_the_data(var: Path) -> None:
    port = free_port()
    with up(var, port) as first:
        took = first.ready()
        key, many = first.key(), len(processes_of(var))
        code, ended = first.ends(signal.SIGINT)
    crowd = crowding()
    with up(var, port) as second:
        again = second.ready()
        assert second.key() == key
    crowd = max(crowd, crowding())
    print(f"\nfirst start {took:.1f} s, {many} processes ended after {ended:.1f} s")  # noqa: T201
    print(f"second start {again:.1f} s on a machine {crowd:.1f} times as slow as an idle one")  # noqa: T201
    assert (code, ended < STOP_SECONDS, again / crowd < SECOND_START_SECONDS) == (0, True, True)
    assert many > len(("up", "web", "sync", "sync", "webhooks", "upkeep", "postgres", "redis"))


def test_killed_up_takes_everything_with_it(var: Path) -> None:
    with up(var, free_port()) as running:
        running.ready()
        _, ended = running.ends(signal.SIGKILL)
    print(f"\nnothing left {ended:.1f} s after kill -9")  # noqa: T201
    assert ended < STOP_SECONDS


def test_killed_server_of_its_own_is_started_again(var: Path) -> None:
    with up(var, free_port()) as running:
        running.ready()
        key = running.key()
        for server in ("postgres", "redis"):
            number, _ = (var / server / "pid").read_text().split()
            os.kill(int(number), signal.SIGKILL)
            wait_for(lambda: not running.is_whole(), 5)
        wait_for(running.is_whole, 20)
        assert running.key() == key


def test_ctrl_c_in_the_middle_of_a_start_leaves_no_process(var: Path) -> None:
    with up(var, free_port()) as running:
        wait_for(lambda: len(processes_of(var)) > 2, FIRST_START_SECONDS)
        code, ended = running.ends(signal.SIGINT)
    print(f"\nended with {code} after {ended:.1f} s")  # noqa: T201
    assert code == 0


def test_taken_port_is_one_sentence_and_exit_code_3(var: Path) -> None:
    with socket.socket() as holder:
        holder.bind((HOST, 0))
        holder.listen()
        port = holder.getsockname()[1]
        with up(var, port) as running:
            code = running.process.wait(30)
            said = running.said().strip()
    assert (code, said.count("\n")) == (3, 0)
    assert f"Port {port} cannot be used" in said
