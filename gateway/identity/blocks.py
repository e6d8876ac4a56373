"""The keys under which records stand that may be one customer: only they are ever compared.

Two records of one customer share at least one key though a name is misspelt, a house moved or a date mistyped; what
many share, such as a usual name alone, says nothing and is passed over where its block is too large.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

from gateway.identity.reading.addresses import Place
from gateway.identity.reading.nicknames import formal_name
from gateway.identity.reading.phonetic import skeleton
from gateway.identity.reading.profile import Profile

MOST_IN_A_BLOCK, MOST_OF_ONE_NAME = 60, 12
"""A larger block is passed over: its members meet under another key, or share what hundreds share.

Who shares a name and nothing else is only one customer where the name is rare.
"""
_MOST_KEYS = 40
_NAME_ALONE = "n "


def with_keys(profile: Profile) -> Profile:
    """The profile with its block keys, 64-bit numbers as PostgreSQL's bigint takes them, in ascending order."""
    return profile._replace(keys=sorted({_hashed(key) for key in _keys(profile)})[:_MOST_KEYS])


def most_in(key: int) -> int:
    """How many a block may hold; `MOST_IN` is the same in SQL."""
    return MOST_OF_ONE_NAME if key & 1 else MOST_IN_A_BLOCK


MOST_IN = f"CASE WHEN key & 1 = 1 THEN {MOST_OF_ONE_NAME} ELSE {MOST_IN_A_BLOCK} END"


def _hashed(key: str) -> int:
    """Odd for a name alone, else even."""
    number = int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), signed=True)
    return number | 1 if key.startswith(_NAME_ALONE) else number & ~1


def _keys(profile: Profile) -> Iterator[str]:
    if profile.tax_id:
        yield f"t {profile.tax_id}"
    yield from (f"e {each}" for each in profile.emails)
    yield from (f"l {local}" for each in profile.emails if len(local := each.partition("@")[0]) >= 6)
    yield from (f"p {each[-9:]}" for each in profile.phones)
    yield from (f"i {each}" for each in profile.identifiers)
    yield from _of_person(profile) if profile.is_person else _of_organisation(profile)


def _of_person(profile: Profile) -> Iterator[str]:
    given = {skeleton(formal_name(word)) for word in profile.given}
    family = {skeleton(word) for word in profile.family}
    full = " ".join(sorted(given | family))
    yield f"{_NAME_ALONE}{full}"
    if profile.birth:
        year, day = _swapless(profile.birth)
        yield f"y {year} {full}"
        yield f"d {day} {full}"
        yield from (f"g {year} {day} {name}" for name in given | family)
    for place in profile.places:
        yield f"c {place.city} {place.district} {full}"
        yield from (f"h {house} {name}" for house in _houses(place) for name in given)


def _of_organisation(profile: Profile) -> Iterator[str]:
    heard = [skeleton(word) for word in profile.name[:4]]
    yield f"o {''.join(sorted(heard))}"
    yield f"j {''.join(profile.name)[:9]}"
    yield from (f"w {one} {two}" for one in heard for two in heard if one < two)
    yield from (f"m {domain}" for each in profile.emails if (domain := each.partition("@")[2]))
    for place in profile.places:
        yield from (f"v {place.city} {place.district} {name}" for name in heard)
        yield from (f"u {house} {name}" for house in _houses(place) for name in heard)


def _swapless(birth: int) -> tuple[int, str]:
    """The year, and month and day in one order whichever was written first."""
    year, rest = divmod(birth, 10_000)
    return year, "-".join(map(str, sorted(divmod(rest, 100))))


def _houses(place: Place) -> Iterator[str]:
    """A house by its town, number and first and last telling word of the street."""
    if place.number and place.street:
        words = place.street.split()
        yield from {f"{place.city} {place.number} {skeleton(word)}" for word in (words[0], words[-1])}
