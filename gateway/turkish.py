"""Turkish letters: the fold that finds IŞIK under isik, and the order in which Ç follows C.

Python's `lower` knows nothing of dotted and dotless i ('İ'.lower() is two code points, 'I'.lower() is a dotted i).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_COMMON = 0x2000  # Latin, Greek, Cyrillic and their marks


class _Marks(dict[int, int | None]):
    """Drops combining marks in `str.translate`; each common letter is looked up once, the others are not kept."""

    def __missing__(self, code: int) -> int | None:
        kept = None if unicodedata.combining(chr(code)) else code
        if code < _COMMON:
            self[code] = kept
        return kept


_MARKS = _Marks()
_DOTS = str.maketrans({"İ": "i", "I": "i", "ı": "i"})
_LOWER = str.maketrans({"İ": "i", "I": "ı"})
_WORD = re.compile(r"[^\W_]+")
_ALPHABET = "aâbcçdefgğhıiîjklmnoöpqrsştuûüvwxyz"
_BARE = {"â": "a", "î": "i", "û": "u"}
_RANKS: dict[int, str] = {}
for _letter in _ALPHABET:
    _base = _BARE.get(_letter, _letter)
    _RANKS[ord(_letter)] = chr(0x61 + [each for each in _ALPHABET if each not in _BARE].index(_base))
_PLAIN = re.compile(f"[{_ALPHABET}0-9 ]*")  # no marks to compose or to drop, and nothing but letters, digits, blanks


def fold(text: str) -> str:
    """Lower case without any mark, so that Turkish and plain-ASCII spellings meet: 'Işık', 'ISIK', 'isik' → 'isik'."""
    if text.isascii():
        return text.lower()
    plain = text.translate(_DOTS)
    return plain.casefold() if plain.isascii() else unicodedata.normalize("NFKD", plain).translate(_MARKS).casefold()


def words(text: str) -> list[str]:
    """The folded words of a text, in order, each cut at 64 letters."""
    return [word[:64] for word in _WORD.findall(fold(text))]


def spelt(text: str) -> list[tuple[str, str]]:
    """The words of a text in order, each folded and as it is spelt: 'IŞIK' → ('isik', 'ışık'); cut at 64 letters."""
    lower = text.translate(_LOWER).lower()
    if _PLAIN.fullmatch(lower) is None:
        lower = unicodedata.normalize("NFC", text).translate(_LOWER).lower().translate(_MARKS)
    return [pair for word in _WORD.findall(lower) if (pair := _spelt(word))[0]]


@lru_cache(maxsize=16384)
def _spelt(word: str) -> tuple[str, str]:
    # Folding may leave a sign behind: a half is '1⁄2'.
    return "".join(_WORD.findall(fold(word)))[:64], word[:64]


def sort_key(text: str) -> str:
    """A key whose byte order is Turkish alphabetical order: digits, then a b c ç d … ı i … ö … ş … ü … z."""
    lower = text.translate(_LOWER).lower()
    spaced = lower if _PLAIN.fullmatch(lower) else _spaced(text)
    return " ".join(spaced.split()).translate(_RANKS)[:200]


def _spaced(text: str) -> str:
    """Lower case without marks that stand alone, and a blank for whatever is neither letter nor digit."""
    lower = unicodedata.normalize("NFC", text).translate(_LOWER).lower()
    letters = (letter for letter in lower if not unicodedata.combining(letter))
    return "".join(letter if letter.isalnum() else " " for letter in letters)
