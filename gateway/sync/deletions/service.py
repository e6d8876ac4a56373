"""Letting a full run go on that stopped before a mass deletion. Nothing here commits."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from gateway import audit
from gateway.db import Transaction
from gateway.errors import Conflict
from gateway.sync import links, runs
from gateway.sync.deletions import listing
from gateway.sync.models import SyncRun


class NothingToConfirm(Conflict):
    """The link's last run did not stop before a mass deletion."""

    code, title = "nothing_to_confirm", "No deletions wait to be confirmed"


def confirm(tx: Transaction, link_id: UUID) -> SyncRun:
    """Resume a link and list again, allowing as many deletions as were found; raises NothingToConfirm.

    The partner is listed anew, for what was missing may be back; should even more be missing, the run stops again.
    """
    link = links.get_link(tx, link_id)
    newest = select(SyncRun).where(SyncRun.link_id == link_id).order_by(SyncRun.id.desc()).limit(1)
    stopped = tx.session.scalar(newest)
    if stopped is None or link.status != "paused" or (stopped.mode, stopped.status) != ("full", "failed"):
        raise NothingToConfirm
    found = listing.vanished_counts(tx, stopped.id)
    if not found:
        raise NothingToConfirm
    links.resume(tx, link_id)
    audit.record(tx, "sync.deletions.confirmed", "sync_link", link_id, {"vanished": found})
    return runs.start_run(tx, link_id, "full", {"allow_deletions": found})
