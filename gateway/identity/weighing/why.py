"""Why a pair is judged as it is: every field's weight, against the explanation that fits best but for "the same"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.identity.weighing.comparison import Vector, fields_of
from gateway.identity.weighing.defaults import STRANGER
from gateway.identity.weighing.levels import LEVELS
from gateway.identity.weighing.model import Side
from gateway.identity.weighing.words import ALTERNATIVES, Said, sentence


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one field says: its level, its bits against the rival, in words."""

    field: str
    level: str
    bits: float
    said: Said


@dataclass(frozen=True, slots=True)
class Rival:
    """What else the pair may be, and the bits for "the same" against it; `expected` is what was so beforehand."""

    name: str
    bits: float
    expected: float
    said: Said


@dataclass(frozen=True, slots=True)
class Why:
    """The rivals, the strongest first, and the evidence of each field against that one."""

    rivals: list[Rival]
    evidence: list[Evidence]


def why(side: Side, vector: Vector, adjusted: Mapping[str, float], total: int) -> Why:
    """Explain a judged pair: `adjusted` is what the usualness of its values added, `total` how many records there are.

    The bits of all fields and what was expected beforehand add up to the bits against the rival.
    """
    rivals = sorted((_rival(side, vector, adjusted, total, each) for each in side.alternatives), key=lambda r: r.bits)
    strongest = rivals[0].name
    evidence = []
    for name, level in zip(fields_of(side.is_person), vector, strict=True):
        bits = side.bits_of(name, level, strongest) + (adjusted.get(name, 0.0) if strongest == STRANGER else 0.0)
        evidence.append(Evidence(name, LEVELS[level], bits, sentence(name, level, bits)))
    return Why(rivals, evidence)


def _rival(side: Side, vector: Vector, adjusted: Mapping[str, float], total: int, name: str) -> Rival:
    expected = side.prior_bits(name, total)
    more = sum(adjusted.values()) if name == STRANGER else 0.0
    return Rival(name, side.sums(vector)[name] + expected + more, expected, ALTERNATIVES[name])
