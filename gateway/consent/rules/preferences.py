"""What single customers want: their quiet hours, and how they would rather be contacted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from gateway import audit
from gateway.consent.rules.models import Preferences
from gateway.customers import restricted, search
from gateway.db import Transaction, apply
from gateway.errors import PreconditionFailed


def of(tx: Transaction, customer_id: UUID, *, lock: bool = False) -> Preferences:
    """What a customer wants; of one who said nothing, nothing at version 0."""
    kept = tx.session.get(Preferences, customer_id, with_for_update=lock, populate_existing=lock)
    return kept or nothing_said(customer_id)


def nothing_said(customer_id: UUID) -> Preferences:
    """Those of a customer who has none."""
    return Preferences(customer_id=customer_id, preferred_hours=[], quiet_hours=[], is_restricted=False, version=0)


def change(tx: Transaction, customer_id: UUID, patch: dict[str, Any], expected_version: int) -> Preferences:
    """Apply a loaded merge patch; raises NotFound, PreconditionFailed, ProcessingRestricted."""
    search.get(tx, customer_id, ("id",))
    wanted = of(tx, customer_id, lock=True)
    if wanted.version != expected_version:
        raise PreconditionFailed
    if patch.get("is_restricted") is False:
        restricted.refuse(tx, customer_id)  # it is lifted otherwise, and announced before
    if changed := apply(wanted, patch):
        wanted.version = expected_version + 1
        tx.store(wanted, PreconditionFailed)
        audit.record(tx, "contact_preferences.changed", "customer", customer_id, {"fields": changed})
    return wanted
