"""`kopru up`: everything on one machine, from nothing to a live line, and back to nothing at Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.text import Text

from demo import load as demo
from gateway import migrations, pool, process, queue, up_demo
from gateway.channels import Caller
from gateway.config import Settings, read_settings
from gateway.db import transaction
from gateway.embedded import EmbeddedServers
from gateway.installation import complete, fresh_folder, needs_servers
from gateway.live import live_line
from gateway.log import configure_logs
from gateway.oauth import keys
from gateway.supervisor import Program, Supervisor
from gateway.web import CannotStart, check_port, web_command

READY_SECONDS = 60.0


def run_up(var: Path, host: str, port: int, *, with_demo: bool) -> int:
    """Start everything, stay until told to stop, stop everything; answers the exit code."""
    console, stopping = Console(), stopped_by_signals()
    base_url = os.environ.get("KOPRU_BASE_URL") or f"http://{host}:{port}"
    for needed in (port, *(demo.ports(port) if with_demo else ())):
        check_port(host, needed)
    settle_folder(var, with_demo=with_demo)
    with ExitStack() as stack:
        servers = EmbeddedServers(var) if needs_servers(os.environ) else None
        if servers is not None:
            console.print("Starting PostgreSQL and Redis …")
            stack.enter_context(servers)
        environ = complete(os.environ, var, base_url)
        environ["PROMETHEUS_MULTIPROC_DIR"] = str(fresh_folder(var / "metrics"))
        settings = read_settings(environ)
        prepare(settings)
        stack.callback(pool.close_database)
        supervisor = Supervisor(environ, servers)
        stack.callback(supervisor.stop)
        # Whoever waits, waits for the web server: what works behind it does not compete for the processors until then.
        supervisor.start(Program("web", web_command(host, port), var / "log" / "web.log"))
        wait_until(lambda: answers(f"{base_url}/readyz"), "the web server", var, supervisor, stopping)
        for program in (*workers(var), *(demo.programs(var, port) if with_demo else ())):
            supervisor.start(program)
        if with_demo and not stopping.is_set():
            up_demo.set_up(console, settings, var, port, supervisor, stopping)
        if not stopping.is_set():
            console.print(
                f"Köprü answers at {base_url} · logs in {var / 'log'} · Ctrl-C stops everything", soft_wrap=True
            )
            stay(console, supervisor, stopping)
        console.print("Stopping …")
    return 0


def stopped_by_signals() -> threading.Event:
    """What is set once this process is asked to stop."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def settle_folder(var: Path, *, with_demo: bool) -> None:
    """Make the folder of all that is kept, and tell the programs of it; with the demo, also what that may reach."""
    var.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ.setdefault("KOPRU_VAR", str(var))
    if with_demo:
        os.environ.setdefault("KOPRU_WEBHOOK_ALLOW", "127.0.0.0/8")
        os.environ.setdefault("KOPRU_DROP_FOLDERS", str(demo.drops_folder(var)))


def prepare(settings: Settings) -> None:
    """Migrate, and open the installation in this process too."""
    configure_logs("WARNING", as_json=False)
    migrations.upgrade(settings.database_url)
    process.open_all(settings, connections=2, statement_seconds=30)
    with transaction(Caller.system("up")) as tx:
        keys.ensure_first_key(tx)


def workers(var: Path) -> Iterator[Program]:
    """What works in the background, each in a process of its own."""
    for name, work in (("sync-1", queue.SYNC), ("sync-2", queue.SYNC), (queue.WEBHOOKS,) * 2, (queue.UPKEEP,) * 2):
        yield Program(name, (sys.executable, "-m", "gateway.worker", work), var / "log" / f"{name}.log")


def answers(url: str) -> bool:
    """Whether an address of ours answers with 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  # our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def wait_until(
    ready: Callable[[], bool], what: str, var: Path, supervisor: Supervisor, stopping: threading.Event
) -> None:
    """Wait for something to be ready, keeping the programs alive; raises CannotStart when it takes too long."""
    deadline = time.monotonic() + READY_SECONDS
    while not stopping.is_set() and not ready():
        supervisor.watch()
        if time.monotonic() > deadline:
            raise CannotStart(f"After {READY_SECONDS:.0f} s {what} does not answer; its log is in {var / 'log'}")
        stopping.wait(0.1)


def stay(console: Console, supervisor: Supervisor, stopping: threading.Event) -> None:
    """Keep everything alive and show one live line of what is going on."""
    with shown(console) as show:
        while not stopping.wait(1.0):
            down = supervisor.watch()
            show(live_line([program.name for program in down]))


@contextmanager
def shown(console: Console) -> Iterator[Callable[[str], None]]:
    """A function that shows a line: in place on a terminal, on a new line when it changed elsewhere."""
    if console.is_terminal:
        with Live(Text(), console=console, refresh_per_second=4) as live:
            yield lambda line: live.update(Text(line))
        return
    last = [""]

    def show(line: str) -> None:
        if line != last[0]:
            last[0] = line
            console.print(line, highlight=False)

    yield show
