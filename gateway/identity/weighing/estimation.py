"""The weights that fit a base best: expectation and maximisation over pairs of which nobody said what they are.

The classes of a `Side` are those of a mixture of independent fields (Winkler 1988), to which one is added: strangers
that met in a block, and so agree in what the block was made of. What strangers are like in general cannot be learnt
from pairs that were chosen for being alike; their rows stay. Settled pairs count for what a person said they are. The
rows begin as they stand, which counts as `_TRUST` pairs of each class: a base of few pairs changes little.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import exp, log
from typing import NamedTuple

from gateway.identity.weighing.comparison import Vector, fields_of
from gateway.identity.weighing.defaults import SAME, STRANGER, Row, Table
from gateway.identity.weighing.levels import UNKNOWN
from gateway.identity.weighing.model import Side

_TRUST = 20.0
_MOST_TIMES = 4.0
_LEAST = 1e-6
_ROUNDS = 30


class Observed(NamedTuple):
    """So many pairs whose fields compare alike; `is_same` is what a person said of them, None where nobody did."""

    vector: Vector
    times: float
    is_same: bool | None = None


def estimate(side: Side, observed: Iterable[Observed]) -> Side:
    """The side with the rows and shares that fit what was observed; strangers' rows stay as they are."""
    pairs = [each for each in observed if each.times > 0]
    if not pairs:
        return side
    names = fields_of(side.is_person)
    table = {name: {**side.table[name], _MET: side.table[name][STRANGER]} for name in names}
    shares = _first_shares(side)
    for _ in range(_ROUNDS):
        table, shares = _round(names, table, shares, pairs, side.table)
    return Side(side.is_person, _without_met(table), _partners(side, shares))


_MET = "met"


def _first_shares(side: Side) -> dict[str, float]:
    known = sum(side.partners.values())
    return {**{each: 0.5 * count / known for each, count in side.partners.items()}, _MET: 0.5}


def _round(
    names: tuple[str, ...], table: Table, shares: dict[str, float], pairs: list[Observed], first: Table
) -> tuple[Table, dict[str, float]]:
    counts: dict[str, dict[str, list[float]]] = {name: {each: [0.0] * UNKNOWN for each in shares} for name in names}
    weights: dict[str, float] = defaultdict(float)
    for pair in pairs:
        for each, part in _parts(names, table, shares, pair).items():
            weights[each] += part * pair.times
            for name, level in zip(names, pair.vector, strict=True):
                if level != UNKNOWN:
                    counts[name][each][level] += part * pair.times
    total = sum(weights.values())
    fitted = {
        name: {**table[name], **{each: _fitted(found, first[name].get(each)) for each, found in counts[name].items()}}
        for name in names
    }
    return fitted, {each: max(weights[each] / total, _LEAST) for each in shares}


def _parts(names: tuple[str, ...], table: Table, shares: Mapping[str, float], pair: Observed) -> dict[str, float]:
    """How likely each class is for a pair: by what is known of the classes, or as a person said."""
    if pair.is_same:
        return {SAME: 1.0}
    possible = [each for each in shares if not (pair.is_same is False and each == SAME)]
    logs = {each: log(shares[each]) + _log_of(names, table, pair.vector, each) for each in possible}
    highest = max(logs.values())
    likely = {each: exp(found - highest) for each, found in logs.items()}
    total = sum(likely.values())
    return {each: found / total for each, found in likely.items()}


def _log_of(names: tuple[str, ...], table: Table, vector: Vector, each: str) -> float:
    return sum(log(table[name][each][level]) for name, level in zip(names, vector, strict=True) if level != UNKNOWN)


def _fitted(counts: list[float], first: Row | None) -> Row:
    """The row that was counted; the one it began as counts for as much at least: no class turns into another."""
    trusted = _TRUST if first is None else max(_TRUST, sum(counts))
    begun = first or (0.25,) * UNKNOWN
    total = sum(counts) + trusted
    agree, near, partly, differ = (
        max((count + trusted * share) / total, _LEAST) for count, share in zip(counts, begun, strict=True)
    )
    return agree, near, partly, differ


def _without_met(table: Table) -> Table:
    return {name: {each: row for each, row in rows.items() if each != _MET} for name, rows in table.items()}


def _partners(side: Side, shares: Mapping[str, float]) -> dict[str, float]:
    """How many of each class a record has, at most four times more or less than before; "same" stays the measure."""
    same = side.partners[SAME]
    found = {each: same * shares[each] / shares[SAME] for each in side.partners}
    return {
        each: min(max(found[each], before / _MOST_TIMES), before * _MOST_TIMES)
        for each, before in side.partners.items()
    }
