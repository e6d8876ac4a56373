"""The demo's part of `kopru up`: load its world, watch the first sync, say where everything is."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from demo import description, load, scenes
from gateway.channels import Caller
from gateway.config import Settings
from gateway.db import transaction
from gateway.supervisor import Supervisor
from gateway.sync import service as sync

_CALLER = Caller.system("demo")
_ENDED = ("succeeded", "failed", "cancelled")


def set_up(
    console: Console, settings: Settings, var: Path, port: int, supervisor: Supervisor, stopping: threading.Event
) -> None:
    """Load the world, wait for the dealers' first sync, write `demo.json`, print addresses and sign-ins."""
    with transaction(_CALLER) as tx:
        runs = load.load_world(tx, var, port)
    _watch(console, runs, supervisor, stopping)
    if stopping.is_set():
        return
    with transaction(_CALLER) as tx:
        load.load_customers_sign_in(tx, var)
        if runs:
            scenes.open_conflict(tx, var, port)
        load.add_desks(tx, var)
        load.tell_doors(tx, var, settings.base_url)
        told = description.describe(tx, var, settings.base_url, port)
        listeners = scenes.listeners(tx)
    for dealer, caller in listeners:
        with transaction(caller) as tx:
            scenes.open_ear(tx, dealer, var, port)
    place = description.write_description(var, told)
    console.print(table_of(told))
    console.print(f"Everything above, with client secrets and keys, is in {place}", soft_wrap=True)


def table_of(told: dict[str, Any]) -> Table:
    """One table of addresses and sign-ins."""
    table = Table(title="Köprü demo", title_justify="left", show_edge=False)
    for heading in ("what", "where or who"):
        table.add_column(heading, no_wrap=True)
    table.add_column("how, or the password", overflow="fold")
    for name, channel in told["channels"].items():
        table.add_row(name, channel["api"], f"to read: /{name}/docs")
    for client in told["clients"]:
        table.add_row("client", client["client_id"], f"{client['channel']} {client['auth']}")
    for user in told["users"]:
        table.add_row(user["role"], user["username"], user["password"])
    for system in told["partner_systems"]:
        table.add_row("dealer", system["url"], "quiet" if system["quiet"] else "changes by itself, fails now and then")
    return table


def _watch(console: Console, runs: list[UUID], supervisor: Supervisor, stopping: threading.Event) -> None:
    """Draw a bar for each dealer until every first run has ended."""
    if not runs:
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bars: dict[UUID, TaskID] = {}
        while not stopping.wait(0.3):
            supervisor.watch()
            with transaction(_CALLER) as tx:
                found = [sync.get_run(tx, run) for run in runs]
                names = {run.id: sync.get_link(tx, run.link_id).name for run in found}
            for run in found:
                read = sum(int(counts.get("read", 0)) for counts in run.streams.values())
                total = sum(int(counts.get("total") or 0) for counts in run.streams.values()) or None
                bar = bars.setdefault(run.id, progress.add_task(names[run.id], total=total))
                progress.update(bar, completed=read, total=total)
            if all(run.status in _ENDED for run in found):
                break
    for run in found:
        counts = {name: counts.get("created", 0) for name, counts in run.streams.items()}
        learnt = " and ".join(f"{count:,} {name}" for name, count in counts.items())
        console.print(f"{names[run.id]}: {run.status}, learnt {learnt}", highlight=False)
