"""What is kept of a customer and goes when the customer is erased: each feature registers its own here.

A forget names the tables it answers for. Every table of the schema is answered for by somebody, or is named among those
that never hold a person (`tests/rights/test_registry.py`), so that no new table is overlooked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction
from gateway.turkish import words

_LEAST_LETTERS, _PHONE_DIGITS = 6, 10
_IS_NUMBER = re.compile(r"\+?\d{10,15}")


def holds(column: str) -> str:
    """SQL: whether a text column tells of the person whose `:words` and `:digits` are bound."""
    of_words = f"SELECT FROM unnest(CAST(:words AS text[])) w (word) WHERE strpos(lower({column}), w.word) > 0"
    figures = f"regexp_replace({column}, '\\D', '', 'g')"
    of_digits = f"SELECT FROM unnest(CAST(:digits AS text[])) d (number) WHERE strpos({figures}, d.number) > 0"
    return f"(EXISTS ({of_words}) OR EXISTS ({of_digits}))"


@dataclass(frozen=True, slots=True)
class Traces:
    """What a person is recognised by where no id of ours stands: in what partners sent, and in files.

    `names` are full names as written, `values` e-mails, phones (E.164), tax ids and identifiers. Never stored.
    """

    names: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()

    @property
    def words(self) -> list[str]:
        """Values in lower case, as `holds` looks for them; one too short would be found in anything."""
        long = [value.lower() for value in self.values if len(value) >= _LEAST_LETTERS]
        return [*long, *(json.dumps(value)[1:-1] for value in long if not value.isascii())]

    @property
    def digits(self) -> list[str]:
        """The last ten digits of phones and tax ids, however they are written."""
        numbers = [re.sub(r"\D", "", value)[-_PHONE_DIGITS:] for value in self.values if _IS_NUMBER.fullmatch(value)]
        return [number for number in numbers if len(number) == _PHONE_DIGITS]

    def are_in(self, line: str) -> bool:
        """Whether a line of text tells of the person by a value."""
        lower, figures = line.lower(), re.sub(r"\D", "", line)
        return any(word in lower for word in self.words) or any(number in figures for number in self.digits)

    def name_is_in(self, line: str) -> bool:
        """Whether all words of a name of two or more stand in a line; a namesake's do, too."""
        there = set(words(line))
        return any(len(name) > 1 and name <= there for name in (set(words(each)) for each in self.names))


@dataclass(frozen=True, slots=True)
class Erasing:
    """One person that is being erased: the case, every id it ever had, and how to recognise it elsewhere."""

    case_id: UUID
    customer_ids: tuple[UUID, ...]
    erased_at: datetime
    traces: Traces = Traces()

    @property
    def ids(self) -> list[UUID]:
        """Every id it ever had, as a statement's parameter."""
        return list(self.customer_ids)

    def is_told_by(self, line: str) -> bool:
        """Whether a line of text tells of the person, by whatever it may be recognised."""
        return any(str(each) in line for each in self.customer_ids) or self.traces.are_in(line)

    @property
    def bound(self) -> dict[str, Any]:
        """What statements are given: `:ids`, and `:words` and `:digits` for `holds`."""
        return {"ids": self.ids, "words": self.traces.words, "digits": self.traces.digits}


class Forget(Protocol):
    """How a feature forgets a person. It runs in a transaction of its own, may run again, and finds nothing then."""

    @property
    def name(self) -> str:
        """What is forgotten, as a dry run counts it: `interactions`."""
        ...

    @property
    def tables(self) -> frozenset[str]:
        """The tables this answers for."""
        ...

    def count(self, tx: Transaction, erasing: Erasing) -> int:
        """How much there is to be forgotten."""
        ...

    def forget(self, tx: Transaction, erasing: Erasing) -> int:
        """Forget it; answers how much there was."""
        ...


@dataclass(frozen=True)
class Rows:
    """An ordinary table: rows whose `column` holds one of the customer's ids are deleted."""

    table: str
    column: str = "customer_id"
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

    def count(self, tx: Transaction, erasing: Erasing) -> int:
        """How many rows there are."""
        row = tx.first(self._count, ids=erasing.ids)
        return int(row[0]) if row else 0

    def forget(self, tx: Transaction, erasing: Erasing) -> int:
        """Delete them."""
        return tx.run(self._delete, ids=erasing.ids)

    @cached_property
    def _count(self) -> Query:
        return Query(text(f"SELECT count(*) FROM {self.table} r WHERE {self._chosen}"))  # noqa: S608  # names are ours

    @cached_property
    def _delete(self) -> Query:
        return Query(text(f"DELETE FROM {self.table} r WHERE {self._chosen}"))  # noqa: S608

    @property
    def _chosen(self) -> str:
        return f"r.{self.column} = ANY(:ids) AND {self.where}"


class Statements:
    """What takes more than deleting rows of one table: each statement over what `Erasing.bound` binds.

    `counting` selects one number; `forgetting` run in their order.
    """

    def __init__(self, name: str, tables: Collection[str], counting: str, *forgetting: str) -> None:
        self.name = name
        self.tables = frozenset(tables)
        self._counting = _statement(counting)
        self._forgetting = [_statement(each) for each in forgetting]

    def count(self, tx: Transaction, erasing: Erasing) -> int:
        """What the first statement counts."""
        sql, params = self._counting.given(erasing)
        row = tx.first(sql, **params)
        return int(row[0]) if row else 0

    def forget(self, tx: Transaction, erasing: Erasing) -> int:
        """Run the others in their order; answers how many rows they touched."""
        return sum(tx.run(sql, **params) for sql, params in (each.given(erasing) for each in self._forgetting))


class _Statement(NamedTuple):
    query: Query
    names: frozenset[str]

    def given(self, erasing: Erasing) -> tuple[Query, dict[str, Any]]:
        return self.query, {name: value for name, value in erasing.bound.items() if name in self.names}


def _statement(sql: str) -> _Statement:
    clause = text(sql)
    return _Statement(Query(clause), frozenset(clause._bindparams))


RECORD = 9
_forgets: list[tuple[int, Forget]] = []


def register(forget: Forget, *, order: int = 0) -> Forget:
    """Have something forgotten with its customer: the lower its order, the earlier.

    More than 0 is for what others find the person by: 1 its names at partners and events, 2 messages made of those
    and interactions, 3 what else hangs on the record, 9 the record itself.
    """
    _forgets.append((order, forget))
    return forget


def registered() -> tuple[Forget, ...]:
    """Every forget there is, in the order in which they run."""
    return tuple(forget for _, forget in sorted(_forgets, key=lambda each: each[0]))
