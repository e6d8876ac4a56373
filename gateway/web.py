"""How the web server is started: granian, WSGI, a few processes of a few threads."""

from __future__ import annotations

import sys
from pathlib import Path

WORKERS, THREADS = 2, 4
PRODUCT = "gateway.app:create_app"


def web_command(
    host: str, port: int, workers: int = WORKERS, threads: int = THREADS, factory: str = PRODUCT
) -> list[str]:
    """The command line of the web server; its settings come from the environment."""
    return [
        str(Path(sys.executable).with_name("granian")),
        *("--interface", "wsgi", "--factory", factory),
        *("--host", host, "--port", str(port), "--http", "1", "--no-ws"),
        *("--workers", str(workers), "--blocking-threads", str(threads)),
        *("--respawn-failed-workers", "--workers-kill-timeout", "5", "--log-level", "warning"),
    ]
