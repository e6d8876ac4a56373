"""What belongs to a customer and moves with it when two turn out to be one: each feature registers its own here.

A move names the tables it answers for. Every table with a `customer_id` is moved by somebody, or kept as history with
the id that was true then (`HISTORY`); a test holds that complete.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import text

from gateway.db import Query, Transaction


@dataclass(frozen=True, slots=True)
class Merging:
    """Two customers that become one, or become two again.

    `partners_of_lost` are the partners that saw only the one that is lost: what they write later is about that one.
    """

    id: UUID
    keep_id: UUID
    lose_id: UUID
    merged_at: datetime
    partners_of_lost: frozenset[UUID] = frozenset()


class Move(Protocol):
    """How a feature's rows of a customer move to another one, and back; all of it in the caller's transaction.

    Both customers exist while `go` and `back` run, and are locked. What `go` answers is JSON and is given to `back`
    when the merge is undone; `back` answers a sentence for each thing that could not be told apart and stayed.
    """

    @property
    def name(self) -> str:
        """What is moved, as a preview counts it: `interactions`."""
        ...

    @property
    def tables(self) -> frozenset[str]:
        """The tables this answers for."""
        ...

    def count(self, tx: Transaction, lose_id: UUID) -> int:
        """How many there are to be moved."""
        ...

    def go(self, tx: Transaction, merging: Merging) -> Any:
        """Give everything of `lose_id` to `keep_id`; answers what `back` needs to know."""
        ...

    def back(self, tx: Transaction, merging: Merging, kept: Any) -> list[str]:
        """Give back what was moved, and what was since written about the lost one; answers what stayed, in words."""
        ...


@dataclass(frozen=True)
class Rows:
    """The move of an ordinary table: rows are pointed at the other customer by `column`, and told apart by `key`.

    Where only one row of the same `unique` columns may stand for a customer, the one of the kept stays and the other
    one is put aside until the merge is undone. `is_versioned` rows go one version up, for who reads them sees a change.
    """

    table: str
    key: tuple[str, ...] = ("id",)
    column: str = "customer_id"
    unique: tuple[str, ...] = ()
    is_versioned: bool = False
    where: str = "true"
    label: str = ""

    @property
    def name(self) -> str:
        """The table's own, unless it is labelled otherwise."""
        return self.label or self.table

    @property
    def tables(self) -> frozenset[str]:
        """This one."""
        return frozenset({self.table})

    def count(self, tx: Transaction, lose_id: UUID) -> int:
        """How many rows there are."""
        row = tx.first(self._count, lose=lose_id)
        return int(row[0]) if row else 0

    def go(self, tx: Transaction, merging: Merging) -> Any:
        """Put aside what would stand twice, and point the rest at the kept customer."""
        ids = {"keep": merging.keep_id, "lose": merging.lose_id}
        aside = [row[0] for row in tx.rows(self._put_aside, **ids)] if self.unique else []
        return {"moved": [row[0] for row in tx.rows(self._move, **ids)], "aside": aside}

    def back(self, tx: Transaction, merging: Merging, kept: Any) -> list[str]:
        """Point rows back and restore what was put aside; what was made since stays with the kept customer."""
        tx.run(self._move_back, keep=merging.keep_id, lose=merging.lose_id, moved=Jsonb(kept["moved"]))
        if kept["aside"]:
            tx.run(self._restore, aside=[each["row"] for each in kept["aside"]])
        return []

    @cached_property
    def _count(self) -> Query:
        return Query(text(f"SELECT count(*) FROM {self.table} r WHERE {self.column} = :lose AND {self.where}"))  # noqa: S608

    @cached_property
    def _put_aside(self) -> Query:
        same = " AND ".join(f"k.{name} IS NOT DISTINCT FROM r.{name}" for name in self.unique)
        return Query(
            text(
                f"DELETE FROM {self.table} r WHERE r.{self.column} = :lose AND {self.where} AND EXISTS "  # noqa: S608
                f"(SELECT 1 FROM {self.table} k WHERE k.{self.column} = :keep AND {same}) "
                f"RETURNING jsonb_build_object('key', {self._key}, 'row', CAST(r AS text))"
            )
        )

    @cached_property
    def _move(self) -> Query:
        return Query(
            text(
                f"UPDATE {self.table} r SET {self.column} = :keep{self._touched} "  # noqa: S608
                f"WHERE r.{self.column} = :lose AND {self.where} RETURNING {self._key}"
            )
        )

    @cached_property
    def _move_back(self) -> Query:
        same = " AND ".join(f"r.{name} = m.{name}" for name in self.key)
        return Query(
            text(
                f"UPDATE {self.table} r SET {self.column} = :lose{self._touched} "  # noqa: S608
                f"FROM jsonb_populate_recordset(NULL::{self.table}, :moved) m WHERE r.{self.column} = :keep AND {same}"
            )
        )

    @cached_property
    def _restore(self) -> Query:
        return Query(
            text(
                f"INSERT INTO {self.table} SELECT (CAST(a.row AS {self.table})).* "  # noqa: S608
                "FROM unnest(CAST(:aside AS text[])) AS a (row) ON CONFLICT DO NOTHING"
            )
        )

    @property
    def _key(self) -> str:
        named = ", ".join(f"'{name}', r.{name}" for name in self.key)
        return f"jsonb_build_object({named})"

    @property
    def _touched(self) -> str:
        return ", version = r.version + 1, updated_at = now()" if self.is_versioned else ""


# What tells of the past keeps the id it was true of: whoever erases a customer asks for all the ids it has had.
HISTORY = frozenset({"events", "webhook_deliveries", "webhook_attempts", "access_log", "disclosures"})
Voice = Callable[[Transaction, Collection[UUID]], set[str]]
_moves: list[Move] = []
_voices: list[Voice] = []


def register(move: Move) -> Move:
    """Have something moved with its customer; in this order, there and back."""
    _moves.append(move)
    return move


def registered() -> tuple[Move, ...]:
    """Every move there is."""
    return tuple(_moves)


def register_voice(voice: Voice) -> Voice:
    """Say under which names (`gateway.provenance`) partners, given by id, write."""
    _voices.append(voice)
    return voice


def voices_of(tx: Transaction, partner_ids: Collection[UUID]) -> set[str]:
    """Every name under which these partners write."""
    return {name for voice in _voices for name in voice(tx, partner_ids)} if partner_ids else set()
