"""`kopru serve`: the web server alone."""

from __future__ import annotations

import os

import click

from gateway.cli.place import present_settings, var_folder
from gateway.installation import complete, fresh_folder
from gateway.web import WORKERS, check_port, web_command


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=int, help="Port to listen on.")
@click.option("--workers", default=WORKERS, show_default=True, type=click.IntRange(1, 64), help="Web processes.")
@click.option("--threads", type=click.IntRange(1, 64), help="Threads of each process; by default KOPRU_WEB_THREADS.")
def serve(host: str, port: int, workers: int, threads: int | None) -> None:
    """Run the web server alone, behind a proxy that ends TLS."""
    present_settings()
    check_port(host, port)
    environ = complete(os.environ, var_folder())
    if "PROMETHEUS_MULTIPROC_DIR" not in environ:
        environ["PROMETHEUS_MULTIPROC_DIR"] = str(fresh_folder(var_folder() / "metrics" / f"port-{port}"))
    if threads:
        environ["KOPRU_WEB_THREADS"] = str(threads)
    command = web_command(host, port, workers)
    os.execvpe(command[0], command, environ)  # noqa: S606
