"""A person's names as words: titles off, generation apart, everything folded."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from gateway.identity.reading.repair import letters

_TITLES_WORDS = """
    bay bayan bey beyefendi hanim hanimefendi sayin sn dr doc docent prof profesor av avukat muh muhendis op uzm
    uzman ecz eczaci mimar haci hafiz hoca yrd ogr gor mr mrs ms miss mister herr frau dipl ing ir sir lord lady mme
    mlle monsieur madame dott sra senor senora sig
"""
_TITLES = frozenset(_TITLES_WORDS.split())
_GENERATIONS = {
    "jr": "2", "junior": "2", "ii": "2", "2": "2", "iii": "3", "3": "3", "sr": "1", "senior": "1", "i": "1", "1": "1",
    "kucuk": "2", "buyuk": "1", "oglu": "2",
}  # fmt: skip
_BRACKETS = re.compile(r"[(\[{].*?[)\]}]")
_PARTICLES_WORDS = """
    van von der den de la le du el al ben bin ibn da di dos das
"""
_PARTICLES = frozenset(_PARTICLES_WORDS.split())


class Names(NamedTuple):
    """Folded given and family names, and the generation: "1" the elder, "2" the younger, "" where nothing is said."""

    given: tuple[str, ...]
    family: tuple[str, ...]
    generation: str


@lru_cache(maxsize=65_536)
def read_names(given: str, family: str) -> Names:
    """What two written fields mean; one that holds all is parted, the last word being the family's."""
    first, first_generation = _words(given)
    last, last_generation = _words(family)
    if not last and len(first) > 1:
        first, last = first[:-1], first[-1:]
    elif not first and len(last) > 1:
        first, last = last[:-1], last[-1:]
    return Names(first, last, last_generation or first_generation)


def _words(text: str) -> tuple[tuple[str, ...], str]:
    found = [word for word in letters(_BRACKETS.sub(" ", text)) if word not in _TITLES] if text else []
    generation = ""
    while len(found) > 1 and found[-1] in _GENERATIONS:  # a name of one word keeps it: Büyük is a family, too
        generation = _GENERATIONS[found.pop()]
    return _joined(found), generation


def _joined(found: list[str]) -> tuple[str, ...]:
    """Particles belong to the word that follows: van der Berg is one name."""
    joined: list[str] = []
    carried = ""
    for word in found:
        if word in _PARTICLES and word != found[-1]:
            carried += word
        else:
            joined.append(carried + word)
            carried = ""
    return tuple(joined)
