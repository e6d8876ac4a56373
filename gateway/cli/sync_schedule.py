"""`kopru sync schedule` and `kopru sync schedules`: when links run by themselves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click

from gateway.cli.naming import known
from gateway.cli.output import show_list, show_one, with_output
from gateway.cli.place import writing
from gateway.cli.sync import sync
from gateway.cli.sync_naming import link_of
from gateway.sync.links import list_links
from gateway.sync.schedules import service
from gateway.sync.schedules.models import SyncSchedule
from gateway.validation import load
from schemas.sync_schedule import ScheduleInput

_SHOWN = ("interval_seconds", "cron", "time_zone", "catch_up", "mode", "is_enabled")
_COLUMNS = ("id", "link", *_SHOWN, "next")


@sync.command("schedule")
@click.argument("link")
@click.option("--every", type=int, help="Seconds between runs.")
@click.option("--cron", help="Five fields: minute, hour, day of month, month, day of week.")
@click.option("--zone", default="UTC", show_default=True, help="Time zone of --cron and --blackout.")
@click.option("--blackout", multiple=True, help="Hours without runs, such as 22:00-06:00 or 22:00-06:00/fri,sat.")
@click.option("--catch-up", type=click.Choice(("once", "skip", "all")), default="once", show_default=True)
@click.option("--mode", type=click.Choice(("normal", "full")), default="normal", show_default=True)
@with_output
def add_schedule(
    link: str, every: int | None, cron: str | None, zone: str, blackout: tuple[str, ...], catch_up: str, mode: str,
    output: str,
) -> None:  # fmt: skip
    """Have LINK run by itself, besides the schedules it has.

    \b
    Example:  kopru sync schedule "Bursa DMS" --cron "30 3 * * *" --zone Europe/Istanbul --mode full
    """
    wish = {"interval_seconds": every, "cron": cron, "time_zone": zone, "catch_up": catch_up, "mode": mode}
    body = load(ScheduleInput, {**wish, "blackout": [_hours(each) for each in blackout]})
    with writing("sync schedule") as tx:
        found = link_of(tx, link)
        record = _record(service.add_schedule(tx, found.id, body), found.name)
    show_one(record, output)


@sync.command("schedules")
@click.argument("link", required=False)
@with_output
def list_schedules(link: str | None, output: str) -> None:
    """List when links run by themselves: one LINK or all."""
    with writing("sync schedules") as tx:
        names = {each.id: each.name for each in list_links(tx)}
        found = service.list_schedules(tx, link_of(tx, link).id if link else None)
        records = [_record(each, names[each.link_id]) for each in found]
    show_list(records, _COLUMNS, output, "No link runs by itself; see: kopru sync schedule --help")


@sync.command("unschedule")
@click.argument("schedule", type=click.UUID)
def remove_schedule(schedule: UUID) -> None:
    """End a SCHEDULE; the runs it started stay."""
    with known("schedule", "sync schedules"), writing("sync unschedule") as tx:
        service.remove_schedule(tx, schedule)
    click.echo(f"Schedule {schedule} has ended.")


def _hours(text: str) -> dict[str, Any]:
    hours, _, days = text.partition("/")
    since, _, until = hours.partition("-")
    return {"from": since, "until": until, **({"days": days.split(",")} if days else {})}


def _record(schedule: SyncSchedule, link: str) -> dict[str, Any]:
    coming = service.coming_slots(schedule)
    shown = {"id": schedule.id, "link": link, **{name: getattr(schedule, name) for name in _SHOWN}}
    return {**shown, "next": coming[0] if coming else None, "next_slots": coming, "blackout": schedule.blackout}
