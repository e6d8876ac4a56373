"""`kopru sync`: links to partners' systems and their runs."""

from __future__ import annotations

import sys
from typing import Any, BinaryIO
from uuid import UUID

import click
import orjson

from gateway.cli.naming import known, partner_of
from gateway.cli.output import show_list, show_one, with_output
from gateway.cli.place import opened, writing
from gateway.cli.sync_naming import link_of
from gateway.cli.sync_watch import watch
from gateway.db import now
from gateway.queue import SYNC, Bell, ring_now
from gateway.sync import service
from gateway.sync.models import SyncLink, SyncRun
from gateway.sync.progress import rate, seconds_left
from gateway.sync.repairs import service as repairs
from gateway.sync.work import JOB
from gateway.validation import load
from schemas.sync import LinkInput

_LINK = ("name", "partner", "connector", "status", "paused_reason", "circuit", "circuit_until", "interval_seconds",
         "next_run_at", "id", "settings")  # fmt: skip
_RUN = ("id", "link", "mode", "status", "created_at", "started_at", "finished_at", "read", "created", "changed",
        "rejected", "pushed", "failed", "tries", "error")  # fmt: skip
_COUNTED = ("read", "created", "changed", "rejected", "pushed", "failed")


@click.group("sync")
def sync() -> None:
    """Keep records in step with partners' systems.

    \b
    Example:  kopru sync links
              kopru sync run "Eskişehir Oto DMS" --watch
    """


@sync.command("links")
@with_output
def list_links(output: str) -> None:
    """List the links; a paused one says why, and an open circuit when its partner is asked again."""
    with writing("sync links") as tx:
        links = service.list_links(tx)
        codes = service.partner_codes(tx, links)
        records = [link_record(link, codes[link.partner_id]) for link in links]
    show_list(records, _LINK[:8], output, "No link yet; see: kopru sync add --help")


@sync.command("add")
@click.argument("name")
@click.option("--partner", required=True, help="Code of the partner.")
@click.option("--connector", required=True, help="See: kopru connector list")
@click.option("--settings", type=click.File("rb"), required=True, help="JSON file of its settings; - reads a pipe.")
@click.option("--every", type=click.IntRange(5, 604_800), help="Seconds between runs; on demand unless given.")
@with_output
def add_link(name: str, partner: str, connector: str, settings: BinaryIO, every: int | None, output: str) -> None:
    """Add the link NAME to a partner's system. Secrets in its settings are encrypted and never shown again.

    \b
    Example:  echo '{"base_url": "https://dms.bursa.example", "api_key": "…"}' |
              kopru sync add "Bursa DMS" --partner bursa --connector rest --settings - --every 300
    """
    said = {"name": name, "connector": connector, "settings": read_settings(settings), "interval_seconds": every}
    wish = load(LinkInput, {**said, "partner": partner})
    with writing("sync add") as tx:
        owner = partner_of(tx, wish.pop("partner"))
        link = service.add_link(tx, partner_id=owner.id, **wish)
        record = link_record(link, owner.code)
    show_one(record, output)


@sync.command("run")
@click.argument("link")
@click.option("--full", "is_full", is_flag=True, help="List everything, and find deletions the partner never told of.")
@click.option("--watch", "is_watched", is_flag=True, help="Stay and draw a bar for each stream until it ends.")
@with_output
def start_run(link: str, is_full: bool, is_watched: bool, output: str) -> None:
    """Start a run on LINK (its name or id). With --watch the exit code is 1 unless it succeeds.

    \b
    Example:  kopru sync run "Eskişehir Oto DMS" --watch
    """
    with writing("sync run") as tx:
        found = link_of(tx, link)
        run_id, name = repairs.start(tx, found.id, {"mode": "full" if is_full else "normal"}).id, found.name
    if is_watched:
        sys.exit(follow(run_id, name, output))
    with opened():
        ring_run(run_id)
    click.echo(f"Run {run_id} is queued; kopru sync show {run_id} tells how it goes.")


def follow(run_id: UUID, link: str, output: str) -> int:
    """Stay until a run that was just asked for has ended, and show it; answers the exit code."""
    with opened():
        ring_run(run_id)
        run = watch(run_id)
    show_one(_run(run, link), output)
    return 0 if run.status == "succeeded" else 1


def ring_run(run_id: UUID) -> None:
    """Wake a worker for a run at once: this process may end before its bell thread has rung."""
    ring_now([Bell(SYNC, JOB, (str(run_id),))])


@sync.command("runs")
@click.argument("link", required=False)
@click.option("-n", "limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="How many.")
@with_output
def list_runs(link: str | None, limit: int, output: str) -> None:
    """List the newest runs, of one LINK or of all."""
    with writing("sync runs") as tx:
        runs = service.list_runs(tx, link_of(tx, link).id if link else None, limit=limit)
        names = {each.id: each.name for each in service.list_links(tx)}
        records = [_run(run, names[run.link_id]) for run in runs]
    show_list(
        records, ("id", "link", "mode", "status", "started_at", *_COUNTED), output, "No run yet: kopru sync run LINK"
    )


@sync.command("show")
@click.argument("run", type=click.UUID)
@with_output
def show_run(run: UUID, output: str) -> None:
    """Show one RUN with the counts of each stream."""
    with known("run", "sync runs"), writing("sync show") as tx:
        found = service.get_run(tx, run)
        name = service.get_link(tx, found.link_id).name
        record = {field: value for field, value in _run(found, name).items() if field not in _COUNTED}
        record |= service.counts_of(found)
    show_one(record, output)


@sync.command("cancel")
@click.argument("run", type=click.UUID)
def cancel_run(run: UUID) -> None:
    """End a RUN within one page; what it has committed stays."""
    with known("run", "sync runs"), writing("sync cancel") as tx:
        status = service.cancel_run(tx, run).status
    click.echo(f"{status}" if status not in ("queued", "running") else "It ends with its present page.")


@sync.command("pause")
@click.argument("link")
@click.option("--reason", default="Paused by an operator.", show_default=True, help="Shown wherever the link is.")
def pause_link(link: str, reason: str) -> None:
    """Start no more runs on LINK."""
    with writing("sync pause") as tx:
        service.pause(tx, link_of(tx, link).id, reason)
    click.echo(f"{link} is paused; kopru sync resume undoes it.")


@sync.command("resume")
@click.argument("link")
def resume_link(link: str) -> None:
    """Let a paused LINK run again; what it missed comes with its next run."""
    with writing("sync resume") as tx:
        service.resume(tx, link_of(tx, link).id)
    click.echo(f"{link} is active.")


def read_settings(settings: BinaryIO) -> dict[str, Any]:
    """The settings in a file of JSON; raises BadParameter where it is none."""
    try:
        read = orjson.loads(settings.read())
    except orjson.JSONDecodeError as error:
        raise click.BadParameter(f"not JSON: {error}", param_hint="--settings") from None
    if not isinstance(read, dict):
        raise click.BadParameter("a JSON object is wanted", param_hint="--settings")
    return read


def link_record(link: SyncLink, partner: str) -> dict[str, Any]:
    """A link as these commands print it, with its partner's code."""
    return {name: partner if name == "partner" else getattr(link, name) for name in _LINK}


def _run(run: SyncRun, link: str) -> dict[str, Any]:
    counts = service.counts_of(run).values()
    totals = {name: sum(count[name] for count in counts) for name in _COUNTED}
    pace = {"rate": rate(run, now()), "seconds_left": seconds_left(run, now())}
    return {name: getattr(run, name, None) for name in _RUN} | {"link": link} | totals | pace
