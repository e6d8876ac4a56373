"""How usual names and places are here: a rare surname says more than Yılmaz."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from gateway.identity.reading.profile import Profile

LEAST_KEPT = 3
"""What fewer records have is as good as unique, and not kept."""
_ENOUGH = 1000


@dataclass(frozen=True, slots=True)
class Terms:
    """How many of `total` records have a term; what is not among the counts has fewer than LEAST_KEPT."""

    counts: Mapping[str, int]
    total: int

    def share(self, term: str) -> float | None:
        """The share of records with this term; None while there are too few to tell."""
        return self.counts.get(term, 1) / self.total if self.total >= _ENOUGH else None

    def are_both_usual(self, letter: str, first: list[str], second: list[str]) -> bool:
        """Whether both names are borne by so many that neither is a slip of the other."""
        least = max(5, self.total // 10_000)
        count = self.counts.get
        return count(f"{letter}:{' '.join(first)}", 0) >= least and count(f"{letter}:{' '.join(second)}", 0) >= least


def terms_of(profile: Profile) -> Iterator[str]:
    """The terms of a record that are counted: names, organisation names, districts, e-mail addresses and phones."""
    if profile.given:
        yield f"g:{' '.join(profile.given)}"
    if profile.family:
        yield f"f:{' '.join(profile.family)}"
    if profile.name:
        yield f"n:{' '.join(profile.name)}"
    yield from {f"d:{place.city} {place.district}" for place in profile.places}
    yield from (contact_term("e", each) for each in profile.emails)
    yield from (contact_term("p", each) for each in profile.phones)


def contact_term(letter: str, value: str) -> str:
    """The term of an e-mail address or phone number: counts outlive a record, so they must not tell it."""
    return f"{letter}:{blake2b(value.encode(), digest_size=8).hexdigest()}"
