"""A dealer's system as a process of its own."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.demo.conftest import Caller

Started = tuple[Caller, "subprocess.Popen[str]"]


def command(data: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "demo.dealer", "--code", "trabzon", "--data", str(data), *more]


@contextmanager
def running(data: Path, *more: str) -> Iterator[Started]:
    process = subprocess.Popen(command(data, "--quiet", *more), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        found = re.fullmatch(r"Trabzon Yıldız Oto answers at (http://127\.0\.0\.1:\d+)\n", line)
        assert found, line
        with Caller(found[1], (data / "trabzon.key").read_text()) as caller:
            yield caller, process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dealers")


def test_dealer_serves_its_part_of_the_world(data: Path) -> None:
    with running(data) as (caller, _):
        assert caller.get("/customers").json()["total"] == 800
        assert len(caller.walk("/interactions", limit=200)) == caller.get("/interactions").json()["total"] > 5_000


def test_killed_dealer_comes_back_with_what_it_acknowledged(data: Path) -> None:
    with running(data) as (caller, process):
        made = caller.post("/customers", json={"kind": "person", "given_name": "Nazlı"}).json()
        process.kill()
    with running(data) as (caller, _):
        assert caller.get(f"/customers/{made['external_id']}").json() == made


def test_dealer_ends_at_sigterm(data: Path) -> None:
    with running(data) as (caller, process):
        caller.get("/health")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0


def test_dealer_stays_light(data: Path) -> None:
    with running(data) as (caller, process):
        for _ in range(30):
            caller.get("/interactions", params={"limit": 200})
        peak = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
        assert peak and int(peak[1]) < 40 * 1024


def test_second_dealer_on_one_folder_is_told_so(data: Path) -> None:
    with running(data):
        second = subprocess.run(command(data), capture_output=True, text=True, timeout=30)
    assert (second.returncode, second.stderr[:38]) == (1, "Another process serves trabzon from " + str(data)[:2])


def test_taken_port_is_named(data: Path, tmp_path: Path) -> None:
    with running(data) as (caller, _):
        port = caller.url.rpartition(":")[2]
        second = subprocess.run(command(tmp_path, "--port", port), capture_output=True, text=True, timeout=30)
    assert (second.returncode, f"port {port}" in second.stderr) == (1, True)


def test_key_file_is_for_its_owner_alone(data: Path) -> None:
    with running(data):
        assert (data / "trabzon.key").stat().st_mode & 0o777 == 0o600
        assert data.stat().st_mode & 0o077 == 0
