"""Runs of a link: asked for, found, and asked to end. Nothing here commits."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from gateway import audit
from gateway.db import Transaction, new_id, now
from gateway.errors import Conflict
from gateway.partners.models import Partner
from gateway.queue import SYNC, ring
from gateway.sync.attempt import end
from gateway.sync.links import get_link
from gateway.sync.models import ACTIVE, COUNTERS, PREVIEW, SyncRun
from gateway.sync.work import JOB

_STREAMS = ("customers", "interactions")
# In words of the index itself: PostgreSQL does not find it by parameters once the statement is prepared.
_ACTIVE = text("status IN ('queued', 'running')")


class LinkPaused(Conflict):
    """A paused link starts no run."""

    code, title = "link_paused", "This link is paused"


class PartnerSuspended(Conflict):
    """Nothing goes to or comes from the systems of a suspended partner."""

    code, title = "partner_suspended", "The partner of this link is suspended"


class RunActive(Conflict):
    """A link has one run at a time."""

    code, title = "run_active", "A run of this link is already active"

    def __init__(self, run_id: UUID) -> None:
        super().__init__(f"Run {run_id} is active.")
        self.run_id = run_id

    def as_json(self, request_id: str) -> dict[str, Any]:
        """The problem, with the active run named for machines too."""
        return {**super().as_json(request_id), "run_id": str(self.run_id)}


def start_run(tx: Transaction, link_id: UUID, mode: str = "normal", options: dict[str, Any] | None = None) -> SyncRun:
    """Ask for a run of a mode (`jobs.MODES`).

    Raises NotFound, LinkPaused, PartnerSuspended, and RunActive with the run that is active.
    """
    link = get_link(tx, link_id)
    if link.status == "paused" and mode != PREVIEW:
        raise LinkPaused(f"The link is paused: {link.paused_reason}")
    if tx.session.get_one(Partner, link.partner_id).status != "active":
        raise PartnerSuspended
    run_id = put_run(tx, link_id, mode, options or {})
    if run_id is None:
        active = active_run(tx, link_id)
        raise RunActive(active.id) if active is not None else Conflict("The active run ended this moment; ask again.")
    audit.record(tx, "sync.run.asked", "sync_run", run_id, {"link": link.name, "mode": mode})
    return get_run(tx, run_id)


def active_run(tx: Transaction, link_id: UUID) -> SyncRun | None:
    """The run that is queued or under way on a link, or None."""
    run: SyncRun | None = tx.session.scalar(select(SyncRun).where(SyncRun.link_id == link_id, _ACTIVE))
    return run


def get_run(tx: Transaction, run_id: UUID) -> SyncRun:
    """The run with this id; raises NotFound."""
    return tx.get(SyncRun, run_id)


def list_runs(
    tx: Transaction, link_id: UUID | None = None, before: UUID | None = None, limit: int | None = None
) -> list[SyncRun]:
    """Runs, the newest first."""
    statement = select(SyncRun).order_by(SyncRun.id.desc())
    if link_id is not None:
        statement = statement.where(SyncRun.link_id == link_id)
    return tx.scalars((statement if before is None else statement.where(SyncRun.id < before)).limit(limit))


def cancel_run(tx: Transaction, run_id: UUID) -> SyncRun:
    """Ask a run to end: at once where nobody works on it, else within one page. A second time changes nothing."""
    run = tx.get(SyncRun, run_id, lock=True)
    if run.status not in ACTIVE:
        return run
    run.cancel_asked_at = run.cancel_asked_at or now()
    if run.leased_until is None:
        end(tx, run, "cancelled")
    audit.record(tx, "sync.run.cancelled", "sync_run", run_id)
    return run


def counts_of(run: SyncRun) -> dict[str, dict[str, int]]:
    """A run's counters, with zeroes for what it has not reached."""
    return {stream: {**dict.fromkeys(COUNTERS, 0), **run.streams.get(stream, {})} for stream in _STREAMS}


def put_run(tx: Transaction, link_id: UUID, mode: str = "normal", options: dict[str, Any] | None = None) -> UUID | None:
    """A queued run with its bell, or None while the link has an active one; asks nothing of the link."""
    values = {
        "id": new_id(), "link_id": link_id, "mode": mode, "options": options or {}, "status": "queued",
        "streams": {}, "steps_done": [], "tries": 0,
        "attempt": 0, "due_at": func.now(), "created_at": func.now(),
    }  # fmt: skip
    statement = insert(SyncRun).values(values)
    statement = statement.on_conflict_do_nothing(index_elements=["link_id"], index_where=_ACTIVE)
    run_id: UUID | None = tx.session.scalar(statement.returning(SyncRun.id))
    if run_id is not None:
        tx.after_commit(lambda: ring(SYNC, JOB, run_id))
    return run_id
