"""`kopru up`, `serve`, `work`, `migrate`: the processes themselves."""

from __future__ import annotations

import os
import sys

import click

from gateway import migrations, queue
from gateway.channels import Caller
from gateway.cli.place import opened, present_settings, var_folder
from gateway.db import transaction
from gateway.installation import complete, fresh_folder
from gateway.oauth import keys
from gateway.up import run_up
from gateway.web import WORKERS, web_command
from gateway.worker import run


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


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=int, help="Port to listen on.")
@click.option("--workers", default=WORKERS, show_default=True, type=click.IntRange(1, 64), help="Web processes.")
@click.option("--threads", type=click.IntRange(1, 64), help="Threads of each process; by default KOPRU_WEB_THREADS.")
def serve(host: str, port: int, workers: int, threads: int | None) -> None:
    """Run the web server alone, behind a proxy that ends TLS."""
    present_settings()
    environ = complete(os.environ, var_folder())
    if "PROMETHEUS_MULTIPROC_DIR" not in environ:
        environ["PROMETHEUS_MULTIPROC_DIR"] = str(fresh_folder(var_folder() / "metrics" / f"port-{port}"))
    if threads:
        environ["KOPRU_WEB_THREADS"] = str(threads)
    command = web_command(host, port, workers)
    os.execvpe(command[0], command, environ)  # noqa: S606


@click.command("work")
@click.argument("queue_name", metavar="QUEUE", type=click.Choice(queue.QUEUES))
def work_on(queue_name: str) -> None:
    """Work in the background on one QUEUE: sync, webhooks or upkeep.

    `upkeep` is the scheduler: it starts due syncs, rings for whatever waits and cleans up. Any number of each may run,
    on any number of machines.
    """
    run(present_settings(), queue_name)


@click.command("migrate")
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if the database is not up to date.")
def migrate(check: bool) -> None:
    """Bring the database up to date. Safe to run on several machines at once."""
    settings = present_settings()
    before, latest = migrations.present_revision(settings.database_url), migrations.latest_revision()
    if check:
        click.echo(f"at {before or 'nothing'}, newest is {latest}")
        sys.exit(0 if before == latest else 1)
    migrations.upgrade(settings.database_url)
    with opened(), transaction(Caller.system("migrate")) as tx:
        keys.ensure_first_key(tx)
    click.echo(f"{before or 'nothing'} → {latest}")


COMMANDS = (up, serve, work_on, migrate)
