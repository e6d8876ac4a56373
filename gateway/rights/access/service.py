"""Making the answer to a request for access, and handing it out until it expires."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import text

from gateway.channels import Caller
from gateway.config import Settings
from gateway.customers import erasing, moves
from gateway.customers.moves import Merging
from gateway.customers.reads import filing
from gateway.customers.redirects import former_ids
from gateway.db import Query, Transaction, now
from gateway.errors import NotFound
from gateway.longrunning.kinds import Held
from gateway.rights.access import archive
from gateway.rights.access.pieces import Dropped, Pieces
from gateway.rights.cases.models import RightsCase
from gateway.snapshot import snapshot

_CALLER = Caller.system("subject access")
_BEGIN = Query(
    text(
        """
        INSERT INTO access_archives (case_id, customer_id, created_at, expires_at)
        VALUES (:case_id, :customer_id, :created_at, :expires_at)
        """
    )
)
_WHOLE = Query(text("UPDATE access_archives SET size = :size, sections = :sections WHERE case_id = :id"))
_IS = "case_id = :id AND size IS NOT NULL"
_TOLD = Query(text(f"SELECT size, expires_at, sections FROM access_archives WHERE {_IS}"))  # noqa: S608  # our own text
_FIND = Query(text(f"SELECT customer_id, size FROM access_archives WHERE {_IS} AND expires_at > :now"))  # noqa: S608
_AWAY = Query(text("DELETE FROM access_archives WHERE case_id = :id"))
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
erasing.register(
    erasing.Statements(
        "access_archives",
        {"access_archives", "access_archive_pieces"},
        "SELECT count(*) FROM access_archives WHERE customer_id = ANY(:ids)",
        "DELETE FROM access_archives WHERE customer_id = ANY(:ids)",  # its pieces go with it
    )
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is to be written."""

    case_id: UUID
    customer_id: UUID
    made_at: datetime


def begin(tx: Transaction, case: RightsCase, settings: Settings) -> Answer:
    """Make room for the answer to a case that the caller has locked, in the place of one that was not finished."""
    made_at = now()
    tx.run(_AWAY, id=case.id)
    expires_at = made_at + timedelta(days=settings.archive_days)
    tx.run(_BEGIN, case_id=case.id, customer_id=case.customer_id, created_at=made_at, expires_at=expires_at)
    return Answer(case.id, case.customer_id, made_at)


def write(answer: Answer, held: Held) -> None:
    """Put together all that is kept of whoever asked, as it is at one moment; what is dropped meanwhile is left.

    Nothing is locked while it is read, and it is kept piece by piece. Raises LeaseLost.
    """

    def rest() -> None:
        with held():
            pass

    filing.file_all(_CALLER)
    pieces = Pieces(answer.case_id, held)
    with suppress(Dropped), snapshot(_CALLER) as reading:
        ids = former_ids(reading, answer.customer_id)
        numbers = archive.write(pieces, reading, ids, answer.made_at, rest)
        pieces.close()
        with held() as tx:
            tx.run(_WHOLE, id=answer.case_id, size=pieces.size, sections=Jsonb(numbers))


def told(tx: Transaction, case_id: UUID) -> dict[str, Any] | None:
    """What a case is told of its answer; None while that is not whole."""
    row = tx.first(_TOLD, id=case_id)
    return None if row is None else {"size": row[0], "expires_at": row[1].isoformat(), "sections": row[2]}


def find(tx: Transaction, case_id: UUID) -> tuple[UUID, int]:
    """Whom an answer is about, and its bytes; raises NotFound, also once it has expired."""
    row = tx.first(_FIND, id=case_id, now=now())
    if row is None:
        raise NotFound
    return row[0], row[1]


def forget(tx: Transaction) -> int:
    """Remove answers that have expired; answers how many."""
    return tx.run(_FORGET, now=now())
