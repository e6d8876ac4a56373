"""What those above may ask of sync: links, their runs, and what could not be taken over. Nothing here commits."""

from __future__ import annotations

from uuid import UUID

from gateway.db import Transaction
from gateway.sync import crossref
from gateway.sync.links import (
    LinkNameTaken,
    add_link,
    change_link,
    change_settings,
    find_link,
    get_link,
    list_links,
    partner_codes,
    pause,
    resume,
)
from gateway.sync.runs import (
    LinkPaused,
    PartnerSuspended,
    RunActive,
    cancel_run,
    counts_of,
    get_run,
    list_runs,
    start_run,
)

__all__ = [
    "LinkNameTaken", "LinkPaused", "PartnerSuspended", "RunActive", "add_link", "cancel_run", "change_link",
    "change_settings", "counts_of", "find_link", "get_link", "get_run", "list_links", "list_runs",
    "partner_codes", "pause", "record_known_as", "resume", "start_run",
]  # fmt: skip


def record_known_as(tx: Transaction, link_id: UUID, stream: str, external_id: str) -> UUID | None:
    """Our record of what the partner calls by this external id, or None."""
    return crossref.living(tx, link_id, stream, [external_id]).get(external_id)
