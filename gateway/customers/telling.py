"""What is kept of a person and told when the person asks: each feature registers its own here.

A section names the tables it tells of. Every table that erasure forgets a person from is told of, or stands with a
reason in `gateway.rights.access.untold`; a test holds that complete.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction
from gateway.snapshot import walk


class Section(Protocol):
    """A part of what a person is told, and how it is called in the file."""

    @property
    def name(self) -> str:
        """What it is called in JSON: `interactions`."""
        ...

    @property
    def titles(self) -> dict[str, str]:
        """Its title by language, `en` and `tr`."""
        ...

    @property
    def tables(self) -> frozenset[str]:
        """The tables it tells of."""
        ...

    def tell(self, tx: Transaction, customer_ids: list[UUID]) -> Iterator[dict[str, Any]]:
        """All there is of the person under any of the ids it ever had, the present one first, JSON-ready.

        It is asked more than once within one snapshot, and writes nothing.
        """
        ...


@dataclass(frozen=True)
class Rows:
    """What one SELECT over `:ids` finds, a record for each row."""

    name: str
    english: str
    turkish: str
    tables: frozenset[str]
    select: str

    @property
    def titles(self) -> dict[str, str]:
        """Its title by language."""
        return {"en": self.english, "tr": self.turkish}

    def tell(self, tx: Transaction, customer_ids: list[UUID]) -> Iterator[dict[str, Any]]:
        """The rows, with what is null left out."""
        return (row[0] for row in walk(tx, self._query, ids=customer_ids))

    @cached_property
    def _query(self) -> Query:
        return Query(text(f"SELECT jsonb_strip_nulls(to_jsonb(told)) FROM ({self.select}) told"))  # noqa: S608  # ours


_sections: list[Section] = []


def register(section: Section, *, is_first: bool = False) -> Section:
    """Have something told, in this order; the record itself before everything else."""
    _sections.insert(0 if is_first else len(_sections), section)
    return section


def registered() -> tuple[Section, ...]:
    """Every section there is."""
    return tuple(_sections)
