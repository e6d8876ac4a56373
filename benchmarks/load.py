"""Load in a closed loop: wrk, 16 connections where nothing else is said, or our own loop for a trial without it."""

from __future__ import annotations

import http.client
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

from benchmarks.web import WebServer

CONNECTIONS = 16
_SCRIPT = Path(__file__).with_name("load.lua")
_THREADS = 2


class Wanted(NamedTuple):
    """One request; a JSON body is sent with an idempotency key of its own."""

    method: str
    path: str
    authorization: str
    content_type: str = ""
    body: str = ""


class Load(NamedTuple):
    """What a round of load found: answers, seconds, answers other than 2xx, latency in milliseconds."""

    requests: int
    seconds: float
    refused: int
    p50_ms: float
    p99_ms: float
    p95_ms: float

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds


Loader = Callable[[WebServer, Path, float, int], Load]


def is_wrk_there() -> bool:
    """Whether the load generator is installed."""
    return shutil.which("wrk") is not None


def write_requests(file: Path, wanted: Iterable[Wanted]) -> Path:
    """The file that both loaders read."""
    file.write_text("".join("\t".join(each) + "\n" for each in wanted))
    return file


def by_wrk(server: WebServer, requests: Path, seconds: float, connections: int) -> Load:
    """Load from wrk; raises RuntimeError where it does not run."""
    command = [
        "wrk", f"-t{_THREADS}", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "10s",
        "-s", str(_SCRIPT), server.url, "--", str(requests), secrets.token_hex(6),
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    results = [line.split()[1:] for line in ran.stdout.splitlines() if line.startswith("RESULT")]
    if not results:
        raise RuntimeError(f"wrk did not run: {ran.stderr or ran.stdout}")
    count, duration, refused, p50, p99, p95 = results[0]
    return Load(int(count), float(duration), int(refused), float(p50), float(p99), float(p95))


def by_loop(server: WebServer, requests: Path, seconds: float, connections: int) -> Load:
    """The same from two connections of our own: enough to see that a benchmark works, too slow to measure with."""
    wanted = [Wanted(*line.split("\t")) for line in requests.read_text().splitlines()]
    with ThreadPoolExecutor(_THREADS) as threads:
        started = time.monotonic()
        shares = [wanted[number::_THREADS] for number in range(_THREADS)]
        results = list(threads.map(lambda share: _send(server, share, started + seconds), shares))
    latencies = [latency for found, _ in results for latency in found]
    marks = quantiles(latencies, n=100)
    seconds, refused = time.monotonic() - started, sum(bad for _, bad in results)
    return Load(len(latencies), seconds, refused, marks[49], marks[98], marks[94])


def _send(server: WebServer, wanted: list[Wanted], until: float) -> tuple[list[float], int]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    latencies: list[float] = []
    refused = 0
    while time.monotonic() < until:
        each = wanted[len(latencies) % len(wanted)]
        began = time.monotonic()
        refused += not 200 <= ask(connection, each)[0] < 300
        latencies.append((time.monotonic() - began) * 1000)
    connection.close()
    return latencies, refused


def ask(connection: http.client.HTTPConnection, wanted: Wanted) -> tuple[int, bytes]:
    """Send one request; answers status and body."""
    headers = {"Authorization": wanted.authorization}
    if wanted.content_type:
        headers["Content-Type"] = wanted.content_type
    if wanted.content_type == "application/json":
        headers["Idempotency-Key"] = secrets.token_hex(12)
    connection.request(wanted.method, wanted.path, wanted.body or None, headers)
    answer = connection.getresponse()
    return answer.status, answer.read()
