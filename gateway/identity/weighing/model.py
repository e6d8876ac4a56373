"""What a comparison weighs, in bits: the evidence for one customer against every other thing the pair may be.

Two records may be of one customer, of strangers, of relatives in one household, of twins, of father and son of one
name, of sister companies. For each alternative the bits of all fields add up (Fellegi and Sunter); the score is the
log-odds of "same" against all of them together, so that no amount of shared addresses makes spouses one person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp2, log2
from typing import NamedTuple

from gateway.identity.reading.profile import Profile
from gateway.identity.weighing import defaults
from gateway.identity.weighing.comparison import Vector, compare, fields_of
from gateway.identity.weighing.defaults import SAME, STRANGER, Table
from gateway.identity.weighing.levels import AGREE, NEAR, PARTLY, UNKNOWN
from gateway.identity.weighing.terms import Terms, contact_term

_RAREST = 5e-6
_MOST_ADJUSTED = 6.0
_USUAL = frozenset({"given_name", "family_name", "organisation_name", "email", "phone", "address"})
_COUNTED = {
    kind: [(place, name) for place, name in enumerate(fields_of(kind)) if name in _USUAL] for kind in (True, False)
}
_TERM_FIELDS = {"given_name": ("g", "given"), "family_name": ("f", "family"), "organisation_name": ("n", "name")}


class Weighed(NamedTuple):
    """A pair's score in bits (0 is even odds), its levels, and what the usualness of its values adds for a field."""

    bits: float
    vector: Vector
    adjusted: dict[str, float]


class Standing(NamedTuple):
    """What a row of levels says: bits against strangers, and the odds of all other alternatives together."""

    against: float
    doubt: float


@dataclass(frozen=True)
class Side:
    """The probabilities for people or organisations, `table[field][class]`, and how many of a class a record has."""

    is_person: bool
    table: Table
    partners: dict[str, float]
    _standings: dict[Vector, Standing] = field(default_factory=dict, repr=False)

    @property
    def alternatives(self) -> tuple[str, ...]:
        """What a pair may be other than the same, strangers first."""
        return (STRANGER, *(each for each in self.partners if each != SAME))

    def bits_of(self, name: str, level: int, alternative: str) -> float:
        """What one level of one field says for "same" against an alternative; nothing where a record lacks it."""
        if level == UNKNOWN:
            return 0.0
        rows = self.table[name]
        return log2(rows[SAME][level] / rows[alternative][level])

    def prior_bits(self, alternative: str, total: int) -> float:
        """What is to be expected before anything is compared, in a base of `total` records."""
        others = max(total, 1000) if alternative == STRANGER else self.partners[alternative]
        return log2(self.partners[SAME] / others)

    def sums(self, vector: Vector) -> dict[str, float]:
        """The bits of all fields against each alternative, without what was to be expected."""
        names = fields_of(self.is_person)
        return {
            each: sum(self.bits_of(name, level, each) for name, level in zip(names, vector, strict=True))
            for each in self.alternatives
        }

    def standing(self, vector: Vector) -> Standing:
        """The same as a score needs it; remembered, for rows of levels repeat."""
        known = self._standings.get(vector)
        if known is None:
            sums = self.sums(vector)
            against = sums.pop(STRANGER)
            doubt = sum(_odds(-bits - self.prior_bits(each, 0)) for each, bits in sums.items())
            known = self._standings[vector] = Standing(against, doubt)
        return known


@dataclass(frozen=True)
class Model:
    """Both sides, and the two thresholds between same, perhaps and different (bits)."""

    people: Side
    organisations: Side
    sure_bits: float = defaults.SURE_BITS
    doubtful_bits: float = defaults.DOUBTFUL_BITS

    def side(self, is_person: bool) -> Side:
        """The probabilities for one kind of customer."""
        return self.people if is_person else self.organisations

    def outcome(self, bits: float) -> str:
        """What a score means."""
        return "same" if bits >= self.sure_bits else "perhaps" if bits >= self.doubtful_bits else "different"

    def weigh(self, first: Profile, second: Profile, terms: Terms) -> Weighed:
        """Compare two of one kind and weigh what was found."""
        vector, side = compare(first, second, terms), self.side(first.is_person)
        standing = side.standing(vector)
        # Where the other alternatives alone decide it, how usual a value is cannot.
        is_open = standing.doubt < _odds(-self.doubtful_bits)
        adjusted = _adjusted(side, vector, first, second, terms) if is_open else {}
        against = standing.against + side.prior_bits(STRANGER, terms.total) + sum(adjusted.values())
        return Weighed(-log2(standing.doubt + _odds(-against)), vector, adjusted)


def default_model() -> Model:
    """The model of an installation that has estimated none."""
    return Model(
        Side(True, defaults.PERSON, defaults.PARTNERS_EACH[True]),
        Side(False, defaults.ORGANISATION, defaults.PARTNERS_EACH[False]),
    )


def _odds(bits: float) -> float:
    return exp2(min(500.0, bits))


def _adjusted(side: Side, vector: Vector, first: Profile, second: Profile, terms: Terms) -> dict[str, float]:
    """By how much an agreement says more, or less, against strangers than that field's average."""
    found: dict[str, float] = {}
    if terms.share("") is None:
        return found
    for place, name in _COUNTED[side.is_person]:
        level = vector[place]
        share = None if level > PARTLY else _shared(name, level, first, second, terms)
        if share is not None:
            usual = side.table[name][STRANGER][AGREE if level != PARTLY or name != "address" else PARTLY]
            bits = max(-_MOST_ADJUSTED, min(_MOST_ADJUSTED, log2(usual / max(share, _RAREST))))
            found[name] = bits if level != NEAR else bits / 2
    return found


def _shared(name: str, level: int, first: Profile, second: Profile, terms: Terms) -> float | None:
    """How usual that is in which two agree; None where it does not matter."""
    if name in _TERM_FIELDS and level in (AGREE, NEAR):
        letter, attribute = _TERM_FIELDS[name]
        shares = [terms.share(f"{letter}:{' '.join(getattr(each, attribute))}") for each in (first, second)]
        return max(filter(None, shares), default=None)
    if name in ("email", "phone") and level == AGREE:
        letter, attribute = name[0], f"{name}s"
        both = set(getattr(first, attribute)).intersection(getattr(second, attribute))
        return min(filter(None, (terms.share(contact_term(letter, each)) for each in both)), default=None)
    if name == "address" and level == PARTLY:
        towns, others = ({(place.city, place.district) for place in each.places} for each in (first, second))
        return min(filter(None, (terms.share(f"d:{city} {area}") for city, area in towns & others)), default=None)
    return None
