"""How long files are kept: so many days, then they and all that was found wrong with them are gone."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text

from gateway.config import Settings
from gateway.db import Query, Transaction, now
from gateway.transfers.models import Transfer

_FORGET = Query(
    text(
        """
        DELETE FROM transfers t WHERE t.created_at < :before
          AND NOT EXISTS (SELECT 1 FROM operations o WHERE o.id = t.operation_id AND o.finished_at IS NULL)
        """
    )
)


def expiry_of(transfer: Transfer, settings: Settings) -> datetime:
    """When a file is removed."""
    return transfer.created_at + timedelta(days=settings.transfer_days)


def forget(tx: Transaction, settings: Settings) -> int:
    """Remove the files whose time is over, but for those that are worked on; answers how many."""
    return tx.run(_FORGET, before=now() - timedelta(days=settings.transfer_days))
