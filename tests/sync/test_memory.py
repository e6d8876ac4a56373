"""A worker's memory: small against a partner that never ends, and over a run that takes long."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

import pytest
from werkzeug.wrappers import Request, Response

from connectors.http import Limits
from gateway.customers import service as customers
from gateway.db import transaction
from gateway.sync import service
from tests.conftest import Cast
from tests.connectors.fake_partner import serve
from tests.sync.conftest import SYSTEM, add_link, rows, run_of

MIB = 1024 * 1024
MOST_MIB = 200
TEN_GIB = 10 * 1024 * MIB
RECORDS, PAGE = 40_000, 1000
GROWTH_MIB = 24
# What this process and those beside it have now, shared pages counted once (Pss), and what it had more at its peak.
# VmHWM is of this process alone: ru_maxrss begins at what the process that started it once needed.
WORKER = """
import re, sys
from contextlib import suppress
from pathlib import Path
from gateway.worker import _spare_the_collector
from gateway.sync.drafting.beside import open_nursery
_spare_the_collector()
open_nursery()
from gateway import process
from gateway.config import read_settings
from gateway.sync import jobs, work
settings = read_settings()
process.open_all(settings)
work.SLICE_SECONDS = 240.0
kib = lambda name, path: int(re.search(name + r":\\s+(\\d+) kB", path.read_text())[1])
def children(pid):
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in path.read_text().split():
            yield child
            yield from children(child)
def together():
    total = 0
    for each in ("self", *children("self")):
        with suppress(OSError):
            total += kib("Pss", Path(f"/proc/{each}/smaps_rollup"))
    return total
own = Path("/proc/self/status")
peak = lambda: (together() + kib("VmHWM", own) - kib("VmRSS", own)) // 1024
peaks, whole = [0], work.Work.page
def page(*arguments, **options):
    peaks.append(max(peaks[-1], peak()))
    return whole(*arguments, **options)
work.Work.page = page
jobs.run(sys.argv[1])
print(peaks[len(peaks) // 3], max(peaks[-1], peak()))
"""


class Endless:
    """A partner that answers with ten gibibytes, and counts what is taken of them."""

    def __init__(self, chunks: Callable[[], Iterator[bytes]], headers: dict[str, str] | None = None) -> None:
        self.chunks, self.headers = chunks, headers or {}
        self.taken = 0

    def __call__(self, environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "application/json"), *self.headers.items()])
        with suppress(OSError):
            for chunk in self.chunks():
                self.taken += len(chunk)
                yield chunk


class Tall:
    """A partner with very many small customers, made as they are asked for."""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        start, end = int(request.args.get("cursor", 0)), RECORDS if request.path == "/customers" else 0
        items = [_small(number) for number in range(start, min(start + PAGE, end))]
        then = str(start + PAGE) if start + PAGE < end else None
        return Response(json.dumps({"items": items, "next": then}))(environ, start_response)


def _small(number: int) -> dict[str, Any]:
    name = {"kind": "organisation", "organisation_name": f"Işık Oto {number}"}
    return {**name, "external_id": f"C-{number}", "updated_at": f"2026-11-{1 + number % 20:02}T09:00:00Z"}


def _spaces() -> Iterator[bytes]:
    return (b" " * 65_536 for _ in range(TEN_GIB // 65_536))


def _records() -> Iterator[bytes]:
    yield b'{"items": ['
    yield from (b'{"kind": "person", "given_name": "\xc5\x9eule"},' * 1000 for _ in range(TEN_GIB // 42_000))


def _bomb() -> Iterator[bytes]:
    packer = zlib.compressobj(9, wbits=31)
    yield from (packer.compress(b"[" * MIB) for _ in range(TEN_GIB // MIB))


def work_apart(run_id: UUID, environment: dict[str, str]) -> tuple[Any, int, int]:
    """A run in a worker of its own: how it ended, its peak of memory in MiB a third of the way, and in the end."""
    command = [sys.executable, "-c", WORKER, str(run_id)]
    ran = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=240)
    assert ran.returncode == 0, ran.stderr
    early, peak = map(int, ran.stdout.split())
    return run_of(run_id), early, peak


@contextmanager
def linked(cast: Cast, system: Any) -> Iterator[UUID]:
    """A run, asked for, of a link from Eskişehir to a system that answers as it likes."""
    assert cast.eskisehir.partner_id is not None
    with serve(system) as url:
        link_id = add_link(url, cast.eskisehir.partner_id)
        with transaction(SYSTEM) as tx:
            run_id = service.start_run(tx, link_id).id
        yield run_id


@pytest.mark.parametrize(
    "endless",
    [Endless(_spaces), Endless(_records), Endless(_bomb, {"Content-Encoding": "gzip"})],
    ids=["nothing", "records", "gzip bomb"],
)
def test_partner_without_an_end_is_cut_off(cast: Cast, environment: dict[str, str], endless: Endless) -> None:
    with linked(cast, endless) as run_id:
        run, _, peak = work_apart(run_id, environment)
    assert (run.status, rows("SELECT count(*) FROM sync_cursors")) == ("failed", [(0,)])
    assert "ask for smaller pages" in run.error
    assert endless.taken < 2 * Limits().max_bytes, "the connection is closed at the cap"
    assert peak < MOST_MIB, f"{peak} MiB"


def test_long_pull_needs_no_more_memory_than_a_short_one(cast: Cast, environment: dict[str, str]) -> None:
    with transaction(SYSTEM) as tx:
        customers.unshare(tx, cast.cem_id, "eskisehir")  # nothing is to be pushed
    with linked(cast, Tall()) as run_id:
        run, early, peak = work_apart(run_id, environment)
    assert (run.status, run.streams["customers"]["created"]) == ("succeeded", RECORDS), run.error
    assert peak < MOST_MIB, f"{peak} MiB"
    assert peak - early < GROWTH_MIB, f"{early} MiB after a third of it, {peak} MiB in the end"
