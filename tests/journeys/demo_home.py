"""A small demo of its own for a journey: `kopru up --demo` on a folder in which the dealers have few customers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from demo.dealer import spoil
from demo.people import population
from demo.records import customers_of
from demo.store import Store
from demo.world import DEALERS
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
CUSTOMERS = 25
_START_SECONDS, _STOP_SECONDS, _PATIENCE_SECONDS = 120.0, 60.0, 150.0


@dataclass(frozen=True)
class DemoHome:
    """A running demo, and the environment in which commands find it."""

    environ: dict[str, str]

    def shell(self, script: str) -> subprocess.CompletedProcess[str]:
        """What a shell says to commands as they stand in a document."""
        return self._run("bash", "-c", script.replace(".venv/bin/kopru", f"{sys.executable} -m gateway.cli"))

    def python(self, *module_and_arguments: str) -> subprocess.CompletedProcess[str]:
        """What a module of ours says, run where the commands are."""
        return self._run(sys.executable, "-m", *module_and_arguments)

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=ROOT, env=self.environ, capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=False
        )


@contextmanager
def living(folder: Path) -> Iterator[DemoHome]:
    """The demo, from its first start until it has stopped."""
    var = folder / "var"
    fill(var / "demo")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KOPRU_")}
    for name in ("DATABASE_URL", "REDIS_URL"):
        kept.pop(name, None)
    environ = {**kept, "KOPRU_VAR": str(var), "PYTHONPATH": str(ROOT), "COLUMNS": "400"}
    log = folder / "up.log"
    with log.open("w") as output:
        port = free_port((0, *(dealer.port_offset for dealer in DEALERS)))
        command = [sys.executable, "-m", "gateway.cli", "up", "--demo", "--port", str(port)]
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=output, stderr=output, start_new_session=True)
        try:
            wait_for(process, var / "demo.json", log)
            yield DemoHome(environ)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(_STOP_SECONDS)


def fill(folder: Path) -> None:
    """Give every dealer its first customers and what its staff typed wrong; what is filled is not filled again."""
    folder.mkdir(mode=0o700, parents=True)
    people = population()
    for dealer in DEALERS:
        store = Store(folder / f"{dealer.code}.sqlite", dealer.prefix)
        store.fill(islice(customers_of(dealer.code, people), CUSTOMERS), [])
        spoil(store, dealer.code)
        store.close()


def wait_for(process: subprocess.Popen[bytes], place: Path, log: Path) -> None:
    """Wait until the demo describes itself."""
    deadline = time.monotonic() + _START_SECONDS
    while not place.exists():
        assert process.poll() is None and time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
