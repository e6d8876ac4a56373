"""How the web server is started: granian, a few processes, each an event loop before a few threads (`front.py`)."""

from __future__ import annotations

import sys
from pathlib import Path

WORKERS = 2
_MOST_AT_ONCE = 1024  # requests of one process, those whose body is still on its way included


def web_command(host: str, port: int, workers: int = WORKERS) -> list[str]:
    """The command line of the web server; its settings come from the environment."""
    return granian("rsgi", "gateway.app:create_front", host, port, workers, "--backpressure", str(_MOST_AT_ONCE))


def granian(interface: str, factory: str, host: str, port: int, workers: int, *more: str) -> list[str]:
    """The command line of granian as this house runs it."""
    return [
        str(Path(sys.executable).with_name("granian")),
        *("--interface", interface, "--factory", factory, *more),
        *("--host", host, "--port", str(port), "--http", "1", "--no-ws", "--workers", str(workers)),
        *("--respawn-failed-workers", "--workers-kill-timeout", "5", "--log-level", "warning"),
    ]
