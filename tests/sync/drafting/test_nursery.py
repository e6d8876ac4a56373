"""Processes come from one that has nothing to lose, and go with whoever asked for them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gateway.embedded_process import wait_until

# Each process tells its number, then repeats what it is sent. One is asked for by what stands in CASE.
SCRIPT = """
import os, signal, socket, sys, time
from gateway.sync.drafting.nursery import Nursery

def serve(connection):
    connection.sendall(os.getpid().to_bytes(4))
    while said := connection.recv(100):
        connection.sendall(said)

nursery = Nursery(serve, 1, 5.0)
pid_of = lambda connection: int.from_bytes(connection.recv(4))
CASE
"""
WAITING = "with nursery.child() as one: print(nursery.pid, pid_of(one), flush=True); time.sleep(60)"


def run(case: str) -> list[str]:
    """What a process of its own prints."""
    command = [sys.executable, "-c", SCRIPT.replace("CASE", case)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout.split()


@contextmanager
def waiting() -> Iterator[tuple[subprocess.Popen[str], int, int]]:
    """A process with a nursery and a child of it: itself, and their numbers."""
    command = [sys.executable, "-c", SCRIPT.replace("CASE", WAITING)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as asking:
        try:
            assert asking.stdout is not None
            nursery, child = map(int, asking.stdout.readline().split())
            yield asking, nursery, child
        finally:
            asking.kill()


def lives(pid: int) -> bool:
    """Whether a process is there, and no mere entry of one that ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


def test_there_are_no_more_than_agreed() -> None:
    case = """
with nursery.child() as one, nursery.child() as two:
    print(one is not None, two is not None)
with nursery.child() as three:
    print(three is not None)
"""
    assert run(case) == ["True", "False", "True"]


def test_process_goes_with_its_connection() -> None:
    case = """
with nursery.child() as one:
    pid = pid_of(one)
    print(open(f"/proc/{pid}/comm").read())
while os.path.exists(f"/proc/{pid}"):  # until the nursery finds it gone, whenever it is asked
    with nursery.child() as another:
        pid_of(another)
"""
    assert run(case) == ["kopru-drafting"]


def test_another_follows_one_that_was_killed() -> None:
    case = """
with nursery.child() as one:
    os.kill(pid_of(one), signal.SIGKILL)
    print(one.recv(1))
with nursery.child() as two:
    pid_of(two)
    two.sendall(b"ok")
    print(two.recv(2))
"""
    assert run(case) == ["b''", "b'ok'"]


def test_without_a_nursery_there_is_nobody() -> None:
    case = """
os.kill(nursery.pid, signal.SIGKILL)
os.waitpid(nursery.pid, 0)
with nursery.child() as one:
    print(one)
"""
    assert run(case) == ["None"]


def test_nothing_outlives_a_worker_that_is_killed() -> None:
    with waiting() as (asking, nursery, child):
        assert lives(nursery)
        assert lives(child)
        asking.kill()
        assert wait_until(lambda: not lives(nursery) and not lives(child), 10)


def test_what_stops_the_group_leaves_them_to_the_worker() -> None:
    with waiting() as (_, nursery, child):
        for each in (nursery, child):
            os.kill(each, signal.SIGTERM)
            os.kill(each, signal.SIGINT)
        assert not wait_until(lambda: not lives(nursery) or not lives(child), 0.5)
