"""How the web server is started: granian, a few processes, each an event loop before a few threads (`front.py`)."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

from gateway.embedded_process import EmbeddedServerError

WORKERS = 2
_MOST_AT_ONCE = 1024  # requests of one process, those whose body is still on its way included


class CannotStart(EmbeddedServerError):
    """Something is in the way; the message says what to do."""


def check_port(host: str, port: int) -> None:
    """Raises CannotStart when something else listens on a port that we need, or nobody may listen there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            another = port + 1000 if port < 64_000 else 8000
            way = f"choose another: --port {another}, make run PORT={another}"
            raise CannotStart(f"Port {port} cannot be used ({error.strerror}); {way}") from None


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
