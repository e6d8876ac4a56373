"""`kopru up`: everything on this machine."""

from __future__ import annotations

import sys

import click

from gateway.cli.place import var_folder
from gateway.up import run_up


@click.command("up")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65000), help="Port of the web server.")
@click.option("--demo", is_flag=True, help="With the demo: a car distributor, four dealers and their systems.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
def up(port: int, demo: bool, host: str) -> None:
    """Start everything on this machine and stay: databases, web, workers, upkeep.

    Without DATABASE_URL and REDIS_URL it brings its own PostgreSQL and Redis, whose data stays under var/.
    Ctrl-C stops it all within 10 seconds.
    """
    sys.exit(run_up(var_folder(), host, port, with_demo=demo))
