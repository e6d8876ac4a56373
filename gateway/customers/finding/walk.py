"""Customers in order of likeness: tier after tier, each a walk along the index of keys, a page at a time.

A page costs the same wherever it stands. A customer is met once for each of its keys that is alike, and shown where it
is first; a cursor holds the tier, the word that leads it, and the key and customer shown last. Where even the rarest of
the words is usual, whoever bears them side by side comes first: those are found without reading what only one word has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple
from uuid import UUID

from gateway.channels import Channel
from gateway.customers import fields, search
from gateway.customers.conditions import asked_by
from gateway.customers.finding import beside, tiers, vocabulary
from gateway.customers.finding.statement import plan_once, walking
from gateway.customers.finding.tiers import Tier
from gateway.db import Transaction
from gateway.paging import Page
from schemas import customer as shapes
from schemas.projection import columns_of

_NOBODY = UUID(int=0)
_BEGIN = ("", _NOBODY)
_USUAL = 1000


class Lead(NamedTuple):
    """The word that leads, and whether it is usual: as it was typed, and together with what is one error away."""

    word: int = 0
    is_usual: bool = False
    is_usual_forgiven: bool = False


class Place(NamedTuple):
    """Where a walk stands: the tier, what leads it, the key and the customer met there."""

    tier: int
    lead: Lead
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
    project = search.projecting(tx, names)
    items = [project(each.row) for each in met[:limit]]
    return Page(items, _written(met[limit - 1].place) if len(met) > limit else None)


def _read(key: Sequence[Any]) -> Place:
    tier, word, is_usual, is_usual_forgiven = map(int, key[0].split("."))
    return Place(tier, Lead(word, bool(is_usual), bool(is_usual_forgiven)), key[1], key[2])


def _written(place: Place) -> tuple[Any, ...]:
    return ".".join(f"{part:d}" for part in (place.tier, *place.lead)), place.key, place.customer_id


class _Walk:
    """One search in the caller's name; `most` customers are fetched at a time."""

    def __init__(self, tx: Transaction, names: tuple[str, ...], filters: dict[str, Any], most: int) -> None:
        self._tx, self._names, self._most, self._typed = tx, names, most, filters["q"]
        self._asked, self._params = asked_by(filters)
        self._words = tiers.words_in(self._typed)
        self._fetched: dict[tuple[Tier, Place], list[Met]] = {}

    def beginning(self) -> Iterator[Met]:
        """Everybody, the nearest first."""
        lead = self._rarest()
        asked, near = self._read(lead)
        steps = [*near, *asked.far]
        at_once = len(near) - len(asked.near) or int(len(self._words) == 1)
        is_full = any(len(self._fetch(near[at], Place(at, lead, *_BEGIN))) >= self._most for at in range(at_once))
        few = None if is_full else self._few(asked, near, lead)
        if few is None:
            return self._on(steps, Place(0, lead, *_BEGIN))
        return chain(few, self._on(steps, Place(len(near), lead, *_BEGIN)))

    def going_on(self, place: Place) -> Iterator[Met]:
        """Everybody after a place."""
        asked, near = self._read(place.lead)
        steps = [*near, *asked.far]
        return self._on(steps, place) if place.tier < len(steps) else self._forgiving(steps, place)

    def _on(self, steps: list[Tier], place: Place) -> Iterator[Met]:
        for at in range(place.tier, len(steps)):
            yield from self._through(steps[: at + 1], place if at == place.tier else Place(at, place.lead, *_BEGIN))
        if self._words:
            yield from self._forgiving(steps, Place(len(steps), place.lead, *_BEGIN))

    def _read(self, lead: Lead) -> tuple[tiers.Asked, list[Tier]]:
        """What was asked for, and its near tiers behind those of words side by side."""
        sees_tax_id = "tax_id" in fields.seen_by(self._tx.caller)
        asked = tiers.read(self._typed, lead.word, sees_tax_id=sees_tax_id)
        if not lead.is_usual:
            return asked, [*asked.near]
        together = beside.tier(self._tx, [folded for folded, _ in self._words])
        return asked, [beside.as_spelt(self._words), together, *asked.near]

    def _few(self, asked: tiers.Asked, steps: Sequence[Tier], lead: Lead) -> list[Met] | None:
        """Everybody in the near tiers by one statement each, in order, where they are no more than a page."""
        met = [each for tier in asked.whole for each in self._fetch(tier, Place(0, lead, *_BEGIN))]
        if len(met) >= self._most:
            return None
        found = {each.place.customer_id: each for each in met}.values()
        return sorted((each._replace(place=_first(steps, each)) for each in found), key=lambda each: each.place)

    def _forgiving(self, steps: list[Tier], place: Place) -> Iterator[Met]:
        folded = [folded for folded, _ in self._words]
        alike = vocabulary.alike(self._tx, folded)
        if not any(alike.values()):
            return
        if place[2:] == _BEGIN:
            place = place._replace(lead=self._rarest(place.lead, alike))
        near = {word: [each.word for each in found] for word, found in alike.items()}
        if place.lead.is_usual_forgiven:
            steps = [*steps, beside.tier(self._tx, folded, near)]
            if place.tier < len(steps):
                yield from self._through(steps, place)
                place = Place(len(steps), place.lead, *_BEGIN)
        yield from self._through([*steps, tiers.forgiving(self._words, place.lead.word, near)], place)

    def _through(self, steps: Sequence[Tier], place: Place) -> Iterator[Met]:
        """Whoever is met in the last of these tiers, and neither in one before nor earlier in this one."""
        while met := self._fetch(steps[-1], place):
            yield from (each for each in met if _first(steps, each) == each.place)
            if len(met) < self._most:
                return
            place = met[-1].place

    def _fetch(self, tier: Tier, place: Place) -> list[Met]:
        if (tier, place) not in self._fetched:
            self._fetched[tier, place] = self._ask(tier, place) if tier.ranges else []
        return self._fetched[tier, place]

    def _ask(self, tier: Tier, place: Place) -> list[Met]:
        channel, ways = self._tx.caller.channel, {"is_plain": tier.is_plain, "forward": tier.forward}
        statement = walking(channel, self._names, self._asked, **ways)
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

    def _rarest(self, lead: Lead | None = None, alike: dict[str, list[vocabulary.Alike]] | None = None) -> Lead:
        """The word whose keys are fewest; outside the longest, for no order may tell how many others there are."""
        lead, folded = lead or Lead(), [word for word, _ in self._words]
        if len(folded) < 2:
            return lead
        if self._tx.caller.channel is not Channel.INTRANET:
            return lead._replace(word=max(range(len(folded)), key=lambda at: len(folded[at])))
        counts = vocabulary.count(self._tx, folded)
        if alike is None:
            return Lead(counts.index(min(counts)), min(counts) >= _USUAL)
        counts = [
            count + sum(each.customers for each in alike[word]) for word, count in zip(folded, counts, strict=True)
        ]
        return lead._replace(word=counts.index(min(counts)), is_usual_forgiven=min(counts) >= _USUAL)


def _first(steps: Sequence[Tier], met: Met) -> Place:
    """Where a customer is first met in these tiers."""
    for at, tier in enumerate(steps):
        if held := [tier.read(key) for key in met.keys if tier.holds(key)]:
            return met.place._replace(tier=at, key=min(held))
    return met.place
