"""What a merge would do, worked out from both records and nothing written: the same for a preview and the merge."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

import orjson

from gateway.customers import bulk, moves
from gateway.customers.redirects import missing
from gateway.db import Transaction
from gateway.errors import refuse_field
from gateway.identity.merging.survivorship import Chosen, Row, survive


class Plan(NamedTuple):
    """Both rows, the survivor as it would be, and what would move.

    `token` stands for all of it but the numbers of rows: as long as neither record changes, it stays the same.
    """

    keep: Row
    lose: Row
    survivor: Row
    choices: list[Chosen]
    token: str

    @property
    def changed(self) -> list[str]:
        """The fields in which the survivor differs from what either of them was before."""
        names = [name for name in self.survivor if name in bulk.WRITABLE or name == "display_name"]
        return [name for name in names if not self.keep[name] == self.lose[name] == self.survivor[name]]

    @property
    def changed_of_kept(self) -> list[str]:
        """The fields in which the survivor differs from the kept one before."""
        names = [name for name in self.survivor if name in bulk.WRITABLE or name == "display_name"]
        return [name for name in names if self.keep[name] != self.survivor[name]]


def make(tx: Transaction, keep_id: UUID, lose_id: UUID, fields: Mapping[str, str], *, lock: bool) -> Plan:
    """Plan a merge, with both records locked in the order of their ids or only looked at.

    Raises NotFound, RecordMerged for a customer that has become part of another, Invalid.
    """
    if keep_id == lose_id:
        raise refuse_field("/lose_id", "same", "Name two customers.")
    rows = bulk.fetch(tx, [keep_id, lose_id], lock=lock)
    for customer_id in (keep_id, lose_id):
        if customer_id not in rows:
            raise missing(tx, customer_id)
    keep, lose = rows[keep_id], rows[lose_id]
    survivor = survive(keep, lose, fields)
    return Plan(keep, lose, survivor.row, survivor.choices, _token(keep, lose, survivor.row))


def counts(tx: Transaction, lose_id: UUID) -> dict[str, int]:
    """How much would move, by what it is."""
    return {move.name: move.count(tx, lose_id) for move in moves.registered()}


def _token(keep: Row, lose: Row, survivor: Row) -> str:
    said = orjson.dumps([*[(row["id"], row["version"]) for row in (keep, lose)], survivor], option=orjson.OPT_SORT_KEYS)
    return blake2b(said, digest_size=16).hexdigest()
