"""Files in pieces, in a table: any worker of any machine reads them, and backups, erasure and row security hold.

Nobody has to share a disk for that, and a piece commits with the work that it belongs to.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import text

from gateway.channels import Caller
from gateway.db import Query, Transaction, transaction
from gateway.errors import NotFound

ROWS, ERRORS, FILE = "rows", "errors", "file"
_QUICK = 1  # four fifths of what more work would save

_KEEP = Query(
    text(
        """
        INSERT INTO transfer_pieces (transfer_id, part, number, partner_id, content)
        SELECT :id, :part, :number, partner_id, :content FROM transfers WHERE id = :id
        ON CONFLICT (transfer_id, part, number) DO UPDATE SET content = excluded.content
        """
    )
)
_READ = Query(text("SELECT content FROM transfer_pieces WHERE transfer_id = :id AND part = :part AND number = :number"))
_NEXT = Query(
    text(
        "SELECT number, content FROM transfer_pieces "
        "WHERE transfer_id = :id AND part = :part AND number > :after ORDER BY number LIMIT 1"
    )
)
_DROP = Query(text("DELETE FROM transfer_pieces WHERE transfer_id = :id AND part = :part"))


def keep(tx: Transaction, transfer_id: UUID, part: str, number: int, content: bytes) -> None:
    """Store one piece; again, it replaces what stood there."""
    packed = zlib.compress(content, _QUICK)
    tx.run(_KEEP, id=transfer_id, part=part, number=number, content=packed)


def read(tx: Transaction, transfer_id: UUID, part: str, number: int) -> bytes:
    """One piece; raises NotFound."""
    row = tx.first(_READ, id=transfer_id, part=part, number=number)
    if row is None:
        raise NotFound
    return zlib.decompress(row[0])


def drop(tx: Transaction, transfer_id: UUID, part: str) -> None:
    """Remove every piece of a part."""
    tx.run(_DROP, id=transfer_id, part=part)


def walk(caller: Caller, transfer_id: UUID, part: str) -> Iterator[bytes]:
    """Piece after piece, each read in a short transaction of the caller's: a slow reader holds nothing open."""
    number = -1
    while True:
        with transaction(caller) as tx:
            row = tx.first(_NEXT, id=transfer_id, part=part, after=number)
        if row is None:
            return
        number = row[0]
        if content := zlib.decompress(row[1]):  # else whoever sends it would think it the end
            yield content
