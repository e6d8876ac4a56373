"""What people type for a link: its id or its name."""

from __future__ import annotations

from gateway.db import Transaction
from gateway.errors import NotFound
from gateway.sync import service as sync
from gateway.sync.models import SyncLink


def link_of(tx: Transaction, name_or_id: str) -> SyncLink:
    """The link with this name or id; raises NotFound."""
    link = sync.find_link(tx, name_or_id)
    if link is None:
        raise NotFound(f"There is no link {name_or_id}; see: kopru sync links")
    return link
