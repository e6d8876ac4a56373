"""An attempt at a run, from its beginning to its end: taken, put back for another, or ended for good."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import bindparam, func, select

from gateway import audit
from gateway.channels import Caller
from gateway.db import Query, Transaction, now, transaction
from gateway.partners.models import Partner
from gateway.queue import SYNC, claim, ring
from gateway.sync import events
from gateway.sync.lease import LEASE_SECONDS, Lease
from gateway.sync.meters import RUNS
from gateway.sync.models import ACTIVE, PREVIEW, SyncCursor, SyncLink, SyncRun
from gateway.sync.sealing import opened
from gateway.sync.work import JOB, Link, Work
from gateway.vault import SealBroken

_CURSORS = Query(
    select(SyncCursor.stream, func.left(SyncCursor.cursor, 200)).where(SyncCursor.link_id == bindparam("link"))
)


def begin(run_id: UUID) -> Work | None:
    """Take the run if it is due and free, and not asked to end; else None."""
    with transaction(Caller.system("sync"), idle_seconds=LEASE_SECONDS) as tx:
        attempt = claim(tx, SyncRun, run_id, LEASE_SECONDS, SyncRun.status.in_(ACTIVE), SyncRun.due_at <= func.now())
        if attempt is None:
            return None
        run = tx.session.get_one(SyncRun, run_id)
        if run.cancel_asked_at is not None:
            end(tx, run, "cancelled")
            return None
        work = prepare(tx, run, Lease(run_id, attempt))
        if isinstance(work, str):
            end(tx, run, "failed", work)
            return None
        run.status = "running"
        if run.started_at is None:
            run.started_at, run.cursors_before = now(), cursors_of(tx, run.link_id)
        return work


def prepare(tx: Transaction, run: SyncRun, lease: Lease) -> Work | str:
    """What it takes to work on a run under a lease, or why nobody can."""
    link = tx.session.get_one(SyncLink, run.link_id)
    partner = tx.session.get_one(Partner, link.partner_id)
    if link.status == "paused" and run.mode != PREVIEW:
        return f"The link is paused: {link.paused_reason}"
    if partner.status != "active":
        return f"The partner {partner.code} is suspended."
    try:
        settings = opened(link)
    except SealBroken as broken:
        return f"The link's secrets cannot be opened: {broken}"
    return Work(
        link=_view(link, partner),
        lease=lease,
        streams=dict(run.streams),
        steps_done=list(run.steps_done),
        tries=run.tries,
        mode=run.mode,
        options=dict(run.options),
        settings=settings,
    )


def finish(work: Work, status: str, error: str | None = None, *, pauses: bool = False) -> None:
    """End the run for good; `pauses` stops the link too, with the error as its reason."""
    with transaction(work.caller) as tx:
        work.lease.hold(tx)
        end(tx, tx.session.get_one(SyncRun, work.lease.run_id), status, error)
        if pauses:
            link = tx.session.get_one(SyncLink, work.link.id)
            link.status, link.paused_reason, link.version = "paused", error, link.version + 1
            audit.record(tx, "sync.link.paused", "sync_link", link.id, {"reason": error})
            events.tell_link(tx, "sync.link.paused", link)


def put_back(work: Work, seconds: float = 0.0, error: str | None = None, *, is_failure: bool = True) -> None:
    """Give the lease back: another job goes on from the last commit, at once or after so many seconds.

    `error` says why; it counts as a try unless the partner was not even asked. A run that is to end ends here.
    """
    with transaction(work.caller) as tx:
        work.lease.hold(tx)
        run = tx.session.get_one(SyncRun, work.lease.run_id)
        if run.cancel_asked_at is not None:
            end(tx, run, "cancelled")
            return
        run.leased_until = None
        run.due_at = func.now() + timedelta(seconds=seconds)
        if error is not None:
            run.status, run.error, run.tries = "queued", error, run.tries + is_failure
        if not seconds:
            tx.after_commit(lambda: ring(SYNC, JOB, work.lease.run_id))


def end(tx: Transaction, run: SyncRun, status: str, error: str | None = None) -> None:
    """End a run for good, and tell where it failed."""
    run.status, run.error, run.finished_at, run.leased_until = status, error, now(), None
    run.cursors_after = cursors_of(tx, run.link_id)
    link = tx.session.get_one(SyncLink, run.link_id)
    tx.after_commit(RUNS.labels(link.name, status).inc)
    if status == "failed":
        events.tell_failure(tx, run)


def cursors_of(tx: Transaction, link_id: UUID) -> dict[str, str]:
    """How far each stream of a link has been read: opaque, and cut to 200 letters, for it is only to be looked at."""
    return dict(tx.rows(_CURSORS, link=link_id))


def _view(link: SyncLink, partner: Partner) -> Link:
    return Link(
        id=link.id,
        name=link.name,
        connector=link.connector,
        partner_id=partner.id,
        partner=partner.code,
        granted_fields=frozenset(partner.granted_fields),
        deletion_policy=link.deletion_policy,
        most_vanished_share=link.most_vanished_share,
        most_rejected_share=link.most_rejected_share,
    )
