"""Patterns a text has to follow: a small part of regular expressions, matched in one pass whatever stands in them.

There are letters, `.`, `\\d`, `\\w`, classes such as `[A-ZÇĞİÖŞÜ]`, the counts `? * + {2} {2,5} {2,}`, and `|` between
whole alternatives: no groups, so nothing is ever tried twice. The whole text is matched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

MOST_LETTERS, MOST_STEPS = 200, 500
_ATOM = r"\\d|\\w|\\[^A-Za-z0-9]|\[\^?(?:\\.|[^\]\\])+\]|[^\\()\[\]{}*+?|^$]"
_PIECE = re.compile(rf"(?P<atom>{_ATOM})(?P<count>[?*+]|{{(?P<least>\d{{1,3}})(?P<comma>,(?P<most>\d{{1,3}})?)?}})?")
_COUNTS: dict[str, tuple[int, int | None]] = {"": (1, 1), "?": (0, 1), "*": (0, None), "+": (1, None)}


class BadPattern(ValueError):
    """This is no pattern; the message says why."""


class _Step(NamedTuple):
    """One letter of the text: of which kind, whether there may be none of it, and whether there may be more."""

    letter: re.Pattern[str]
    may_miss: bool = False
    may_repeat: bool = False


class _Way:
    """One alternative: at each letter of a text it knows at which steps it may stand, as bits."""

    def __init__(self, steps: Sequence[_Step]) -> None:
        self._length = len(steps)
        self._missing = sum(step.may_miss << at for at, step in enumerate(steps))
        self._repeating = sum(step.may_repeat << at for at, step in enumerate(steps))
        self._places: dict[re.Pattern[str], int] = {}
        for at, step in enumerate(steps):
            self._places[step.letter] = self._places.get(step.letter, 0) | 1 << at

    def fits(self, text: str) -> bool:
        """Whether a whole text goes this way."""
        known: dict[str, int] = {}
        standing = self._beyond(1)
        for letter in text:
            if letter not in known:
                known[letter] = sum(bits for kind, bits in self._places.items() if kind.match(letter))
            met = standing & known[letter]
            standing = self._beyond(met << 1 | met & self._repeating)
            if not standing:
                return False
        return bool(standing >> self._length & 1)

    def _beyond(self, standing: int) -> int:
        """Also behind the steps that may be missing: adding carries a bit to the end of a run of them."""
        return standing | ((standing & self._missing) + self._missing) ^ self._missing


class Pattern:
    """A pattern, ready to be matched."""

    def __init__(self, written: str) -> None:
        if len(written) > MOST_LETTERS:
            raise BadPattern(f"At most {MOST_LETTERS} letters.")
        ways = [list(_steps(way)) for way in _alternatives(written)]
        if sum(map(len, ways)) > MOST_STEPS:
            raise BadPattern("The counts in it are too large.")
        self._ways = list(map(_Way, ways))

    def fits(self, text: str) -> bool:
        """Whether a whole text follows it."""
        return any(way.fits(text) for way in self._ways)


@lru_cache(maxsize=512)
def compiled(written: str) -> Pattern:
    """The pattern; raises BadPattern."""
    return Pattern(written)


def _alternatives(written: str) -> list[str]:
    """The pattern between its bars, those in classes and behind a backslash left alone."""
    pieces = re.findall(r"\\.|\[(?:\\.|[^\]\\])*\]|[^|]|\|", written, re.DOTALL)
    ways = [""]
    for piece in pieces:
        if piece == "|":
            ways.append("")
        else:
            ways[-1] += piece
    return ways


def _steps(way: str) -> Iterator[_Step]:
    at = 0
    while at < len(way):
        piece = _PIECE.match(way, at)
        if piece is None:
            raise BadPattern(f"Nothing can be made of {way[at : at + 10]!r}; there are no groups and anchors.")
        letter, (least, most) = _letter(piece["atom"]), _count(piece)
        plain = _Step(letter)
        yield from (plain for _ in range(least - (most is None and least > 0)))
        if most is None:
            yield _Step(letter, may_miss=least == 0, may_repeat=True)
        else:
            yield from (_Step(letter, may_miss=True) for _ in range(most - least))
        at = piece.end()


def _letter(atom: str) -> re.Pattern[str]:
    try:
        return re.compile(atom, re.ASCII)
    except re.error:
        raise BadPattern(f"{atom} is no class of letters.") from None


def _count(piece: re.Match[str]) -> tuple[int, int | None]:
    if piece["least"] is None:
        return _COUNTS[piece["count"] or ""]
    least = int(piece["least"])
    most = least if piece["comma"] is None else int(piece["most"]) if piece["most"] else None
    if most is not None and most < least:
        raise BadPattern(f"{piece['count']} counts backwards.")
    return least, most
