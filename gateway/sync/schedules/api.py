"""Schedules inside: `/sync/links/{id}/schedules`, each of them, and the slots that were dealt with."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from gateway.channels import Channel
from gateway.http import NO_CONTENT, Call, Operations, Reply, created, found
from gateway.paging import Page, page_of
from gateway.sync.links import get_link
from gateway.sync.schedules import service
from gateway.sync.schedules.models import SyncSchedule
from schemas import sync_schedule as shapes
from schemas.page import PageQuery
from schemas.projection import show

operations = Operations("Sync")
_INSIDE = (Channel.INTRANET,)


@operations.list(
    "/sync/links/<id:link_id>/schedules",
    scope="sync:read",
    query=PageQuery,
    returns=shapes.Schedule,
    channels=_INSIDE,
)
def list_schedules(call: Call, link_id: UUID) -> Page:
    """List when a link runs by itself."""
    limit, after = call.query["limit"], call.after
    link = get_link(call.tx, link_id)
    schedules = service.list_schedules(call.tx, link.id, after[0] if after else None, limit + 1)
    return page_of(schedules, limit, _shown)


@operations.post(
    "/sync/links/<id:link_id>/schedules",
    scope="sync:write",
    body=shapes.ScheduleInput,
    returns=shapes.Schedule,
    channels=_INSIDE,
    also=(409,),
)
def create_schedule(call: Call, link_id: UUID) -> Reply:
    """Have a link run by itself: every so many seconds, or by cron in a time zone."""
    link = get_link(call.tx, link_id)
    schedule = service.add_schedule(call.tx, link.id, call.body)
    return created(_shown(schedule), f"{call.base}/sync/schedules/{schedule.id}", schedule.version)


@operations.get(
    "/sync/schedules/<id:schedule_id>",
    scope="sync:read",
    returns=shapes.Schedule,
    channels=_INSIDE,
)
def show_schedule(call: Call, schedule_id: UUID) -> Reply:
    """Show one schedule with its next five slots."""
    schedule = service.get_schedule(call.tx, schedule_id)
    return found(_shown(schedule), schedule.version)


@operations.patch(
    "/sync/schedules/<id:schedule_id>",
    scope="sync:write",
    body=shapes.SchedulePatch,
    returns=shapes.Schedule,
    channels=_INSIDE,
    needs_version=True,
    also=(409,),
)
def change_schedule(call: Call, schedule_id: UUID) -> Reply:
    """Change a schedule; a changed rule counts from now on."""
    schedule = service.change_schedule(call.tx, schedule_id, call.body, call.expected_version())
    return found(_shown(schedule), schedule.version)


@operations.delete("/sync/schedules/<id:schedule_id>", scope="sync:write", channels=_INSIDE)
def delete_schedule(call: Call, schedule_id: UUID) -> Reply:
    """End a schedule; the runs it started stay."""
    service.remove_schedule(call.tx, schedule_id)
    return NO_CONTENT


@operations.list(
    "/sync/schedules/<id:schedule_id>/slots",
    scope="sync:read",
    query=PageQuery,
    returns=shapes.Slot,
    channels=_INSIDE,
)
def list_slots(call: Call, schedule_id: UUID) -> Page:
    """List what became of a schedule's slots, the newest first."""
    limit, after = call.query["limit"], call.after
    schedule = service.get_schedule(call.tx, schedule_id)
    slots = service.list_slots(call.tx, schedule.id, after[0] if after else None, limit + 1)
    return page_of(slots, limit, partial(show, shapes.Slot), ("slot_at",))


def _shown(schedule: SyncSchedule) -> dict[str, Any]:
    return show(shapes.Schedule, schedule, next_slots=service.coming_slots(schedule))
