"""Runs over the whole base: asked for, looked at, cancelled. Nothing here commits."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from gateway import audit
from gateway.db import Transaction, now
from gateway.errors import Conflict
from gateway.identity.models import IdentityMatching

ACTIVE = ("queued", "running")


class MatchingActive(Conflict):
    """One run over the whole base at a time."""

    code, title = "matching_active", "A run over the whole base is under way"


def start(tx: Transaction) -> IdentityMatching:
    """Ask for a run; what is written from now on is matched by itself as well. Raises MatchingActive."""
    if active := tx.scalars(select(IdentityMatching).where(IdentityMatching.status.in_(ACTIVE))):
        raise MatchingActive(f"The run {active[0].id} is under way; cancel it or wait.")
    matching = IdentityMatching(created_by=tx.caller.actor)
    tx.session.add(matching)
    tx.session.flush()
    audit.record(tx, "identity.matching.started", "identity_matching", matching.id)
    return matching


def get(tx: Transaction, matching_id: UUID, *, lock: bool = False) -> IdentityMatching:
    """One run; raises NotFound."""
    return tx.get(IdentityMatching, matching_id, lock=lock)


def newest(tx: Transaction) -> IdentityMatching | None:
    """The run that was asked for last."""
    return tx.session.scalar(select(IdentityMatching).order_by(IdentityMatching.id.desc()).limit(1))


def cancel(tx: Transaction, matching_id: UUID) -> IdentityMatching:
    """End a run after the slice it is at; what it has found stays. A run that has ended stays as it is."""
    matching = get(tx, matching_id, lock=True)
    if matching.status in ACTIVE:
        matching.status, matching.finished_at = "cancelled", now()
        audit.record(tx, "identity.matching.cancelled", "identity_matching", matching_id)
    return matching


def under_way(tx: Transaction) -> UUID | None:
    """The run that has not ended."""
    found = tx.scalars(select(IdentityMatching.id).where(IdentityMatching.status.in_(ACTIVE)))
    return found[0] if found else None
