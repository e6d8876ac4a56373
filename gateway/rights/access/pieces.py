"""An archive in pieces, in a table: written as it grows, read by a slow reader piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import text

from gateway.channels import Caller
from gateway.db import Query, transaction
from gateway.longrunning.kinds import Held

SIZE = 2**20
_KEEP = Query(
    text(
        """
        INSERT INTO access_archive_pieces (case_id, number, content)
        SELECT case_id, :number, :content FROM access_archives WHERE case_id = :case_id
        """
    )
)
_NEXT = Query(
    text(
        "SELECT number, content FROM access_archive_pieces "
        "WHERE case_id = :case_id AND number > :after ORDER BY number LIMIT 1"
    )
)


class Dropped(Exception):
    """The answer was dropped while it was written: the person was erased, or taken apart from another one."""


class Pieces:
    """A file that is only ever written: full pieces are kept at once, each in a transaction that holds the work."""

    def __init__(self, case_id: UUID, held: Held) -> None:
        self.size = 0
        self._case_id, self._held = case_id, held
        self._number, self._rest = 0, bytearray()

    def write(self, content: bytes) -> int:
        """Take more; raises Dropped, LeaseLost."""
        self._rest += content
        self.size += len(content)
        while len(self._rest) >= SIZE:
            self._keep(bytes(self._rest[:SIZE]))
            del self._rest[:SIZE]
        return len(content)

    def flush(self) -> None:
        """Nothing: a piece is kept when it is full."""

    def close(self) -> None:
        """Keep what is left; raises Dropped, LeaseLost."""
        self._keep(bytes(self._rest))
        self._rest.clear()

    def _keep(self, content: bytes) -> None:
        with self._held() as tx:
            if not tx.run(_KEEP, case_id=self._case_id, number=self._number, content=content):
                raise Dropped
        self._number += 1


def walk(caller: Caller, case_id: UUID) -> Iterator[bytes]:
    """Piece after piece, each read in a short transaction of the caller's: a slow reader holds nothing open."""
    number = -1
    while True:
        with transaction(caller) as tx:
            row = tx.first(_NEXT, case_id=case_id, after=number)
        if row is None:
            return
        number = row[0]
        yield bytes(row[1])
