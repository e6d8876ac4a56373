"""Making the answer to a request for access, and handing it out until it expires."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.config import Settings
from gateway.customers import erasing, moves
from gateway.customers.moves import Merging
from gateway.customers.redirects import former_ids
from gateway.customers.telling import registered
from gateway.db import Query, Transaction, now
from gateway.errors import NotFound
from gateway.rights.access import archive
from gateway.rights.cases.models import RightsCase

_KEEP = Query(
    text(
        """
        INSERT INTO access_archives (case_id, customer_id, content, created_at, expires_at)
        VALUES (:case_id, :customer_id, :content, :created_at, :expires_at)
        ON CONFLICT (case_id) DO UPDATE SET content = excluded.content, created_at = excluded.created_at,
            expires_at = excluded.expires_at
        """
    )
)
_READ = Query(text("SELECT customer_id, content FROM access_archives WHERE case_id = :id AND expires_at > :now"))
_DROP = Query(text("DELETE FROM access_archives WHERE customer_id = :id AND created_at >= :since"))
_FORGET = Query(text("DELETE FROM access_archives WHERE expires_at <= :now"))


class Archives(moves.Rows):
    """What was put together while two records were one tells of two people, once they are taken apart."""

    def back(self, tx: Transaction, merging: Merging, kept: Any) -> list[str]:
        """Give back what the lost one had before, and drop what was made since; either may ask again."""
        stayed = super().back(tx, merging, kept)
        tx.run(_DROP, id=merging.keep_id, since=merging.merged_at)
        return stayed


moves.register(Archives("access_archives", key=("case_id",)))
erasing.register(erasing.Rows("access_archives"))


def answer(tx: Transaction, case: RightsCase, settings: Settings) -> dict[str, Any]:
    """Put together all that is kept of whoever asked and keep it for them; answers what the case is told of it.

    All at once, in one transaction: it is the state of one moment.
    """
    made_at, ids = now(), former_ids(tx, case.customer_id)
    sections = [(section, section.tell(tx, ids)) for section in registered()]
    content = archive.packed(sections, ids, made_at)
    expires_at = made_at + timedelta(days=settings.archive_days)
    row = {"case_id": case.id, "customer_id": case.customer_id, "created_at": made_at, "expires_at": expires_at}
    tx.run(_KEEP, content=content, **row)
    counts = {section.name: len(rows) for section, rows in sections}
    return {"size": len(content), "expires_at": expires_at.isoformat(), "sections": counts}


def read(tx: Transaction, case_id: UUID) -> tuple[UUID, bytes]:
    """Whom an answer is about, and its archive; raises NotFound, also once it has expired."""
    row = tx.first(_READ, id=case_id, now=now())
    if row is None:
        raise NotFound
    return row[0], bytes(row[1])


def forget(tx: Transaction) -> int:
    """Remove answers that have expired; answers how many."""
    return tx.run(_FORGET, now=now())
