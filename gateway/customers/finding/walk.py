"""Customers in order of likeness: tier after tier, each a walk along the index of keys, a page at a time.

A page costs the same wherever it stands. A customer is met once for each of its keys that is alike, and shown where it
is first; a cursor holds the tier, the word that leads it, and the key and customer shown last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from gateway.channels import Channel
from gateway.customers import fields, search
from gateway.customers.conditions import asked_by
from gateway.customers.finding import tiers, vocabulary
from gateway.customers.finding.statement import plan_once, walking
from gateway.customers.finding.tiers import Tier
from gateway.db import Transaction
from gateway.paging import Page
from schemas import customer as shapes
from schemas.projection import columns_of, projection

_NOBODY = UUID(int=0)
_BEGIN = ("", _NOBODY)


class Place(NamedTuple):
    """Where a walk stands: the tier, the word that leads it, the key and the customer met there."""

    tier: int
    lead: int
    key: str
    customer_id: UUID


class Met(NamedTuple):
    """A customer that was met, its columns, and all its keys."""

    place: Place
    row: Sequence[Any]
    keys: list[str]


def find(
    tx: Transaction, names: tuple[str, ...], filters: dict[str, Any], after: Sequence[Any] | None, limit: int
) -> Page:
    """A page of the customers that are like what `filters["q"]` says, as far as the caller may see them."""
    plan_once(tx)
    walk = _Walk(tx, names, filters, limit + 1)
    met = list(islice(walk.beginning() if after is None else walk.going_on(_read(after)), limit + 1))
    project = projection(shapes.Customer, names)
    items = [project(each.row) for each in met[:limit]]
    return Page(items, _written(met[limit - 1].place) if len(met) > limit else None)


def _read(key: Sequence[Any]) -> Place:
    tier, lead = map(int, key[0].split("."))
    return Place(tier, lead, key[1], key[2])


def _written(place: Place) -> tuple[Any, ...]:
    return f"{place.tier}.{place.lead}", place.key, place.customer_id


class _Walk:
    """One search in the caller's name; `most` customers are fetched at a time."""

    def __init__(self, tx: Transaction, names: tuple[str, ...], filters: dict[str, Any], most: int) -> None:
        self._tx, self._names, self._most, self._typed = tx, names, most, filters["q"]
        self._asked, self._params = asked_by(filters)
        self._words = tiers.words_in(self._typed)

    def beginning(self) -> Iterator[Met]:
        """Everybody, the nearest first."""
        lead = self._rarest()
        asked = self._read(lead)
        few = self._few(asked, lead)
        if few is None:
            return self.going_on(Place(0, lead, *_BEGIN))
        return self._after_few(few, Place(len(asked.near), lead, *_BEGIN))

    def going_on(self, place: Place) -> Iterator[Met]:
        """Everybody after a place."""
        asked = self._read(place.lead)
        steps = [*asked.near, *asked.far]
        for at in range(place.tier, len(steps)):
            yield from self._through(steps[: at + 1], place if at == place.tier else Place(at, place.lead, *_BEGIN))
        if self._words:
            yield from self._forgiving(steps, place)

    def _read(self, lead: int) -> tiers.Asked:
        sees_tax_id = "tax_id" in fields.seen_by(self._tx.caller)
        return tiers.read(self._typed, lead, sees_tax_id=sees_tax_id)

    def _after_few(self, few: list[Met], place: Place) -> Iterator[Met]:
        yield from few
        yield from self.going_on(place)

    def _few(self, asked: tiers.Asked, lead: int) -> list[Met] | None:
        """Everybody in the near tiers by one statement each, in order, where they are no more than a page."""
        met = [each for tier in asked.whole for each in self._fetch(tier, Place(0, lead, *_BEGIN))]
        if len(met) >= self._most:
            return None
        found = {each.place.customer_id: each for each in met}.values()
        return sorted((each._replace(place=_first(asked.near, each)) for each in found), key=lambda each: each.place)

    def _forgiving(self, steps: list[Tier], place: Place) -> Iterator[Met]:
        alike = vocabulary.alike(self._tx, [folded for folded, _ in self._words])
        if not any(alike.values()):
            return
        if place.tier < len(steps):
            place = Place(len(steps), self._rarest(alike), *_BEGIN)
        near = {word: [each.word for each in found] for word, found in alike.items()}
        yield from self._through([*steps, tiers.forgiving(self._words, place.lead, near)], place)

    def _through(self, steps: Sequence[Tier], place: Place) -> Iterator[Met]:
        """Whoever is met in the last of these tiers, and neither in one before nor earlier in this one."""
        while met := self._fetch(steps[-1], place):
            yield from (each for each in met if _first(steps, each) == each.place)
            if len(met) < self._most:
                return
            place = met[-1].place

    def _fetch(self, tier: Tier, place: Place) -> list[Met]:
        if not tier.ranges:
            return []
        statement = walking(self._tx.caller.channel, self._names, self._asked, tier.is_plain)
        rows = self._tx.rows(
            statement,
            starts=[max(start, place.key) for start in tier.starts],
            since=[place.customer_id if place.key >= start else _NOBODY for start in tier.starts],
            stops=tier.stops,
            wanted=tier.patterns,
            limit=self._most,
            **self._params,
            **search.identity_of(self._tx.caller),
        )
        width = len(columns_of(shapes.Customer, self._names))
        return [Met(Place(place.tier, place.lead, *row[width : width + 2]), row, row[-1]) for row in rows]

    def _rarest(self, alike: dict[str, list[vocabulary.Alike]] | None = None) -> int:
        """The word whose keys are fewest; outside the longest, for no order may tell how many others there are."""
        folded = [word for word, _ in self._words]
        if len(folded) < 2:
            return 0
        if self._tx.caller.channel is not Channel.INTRANET:
            return max(range(len(folded)), key=lambda at: len(folded[at]))
        counts = vocabulary.count(self._tx, folded)
        if alike:
            counts = [
                count + sum(each.customers for each in alike[word]) for word, count in zip(folded, counts, strict=True)
            ]
        return counts.index(min(counts))


def _first(steps: Sequence[Tier], met: Met) -> Place:
    """Where a customer is first met in these tiers."""
    for at, tier in enumerate(steps):
        if held := [key for key in met.keys if tier.holds(key)]:
            return met.place._replace(tier=at, key=min(held))
    return met.place
