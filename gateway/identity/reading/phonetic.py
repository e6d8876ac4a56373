"""Keys under which names that sound or look alike stand together: Turkish, and what is written in Latin letters."""

from __future__ import annotations

import re
from functools import lru_cache

_SOUNDS = (("ph", "f"), ("sch", "s"), ("sh", "s"), ("ch", "c"), ("ck", "k"), ("th", "t"), ("x", "ks"))
# One letter for a sound: final d and t, b and p, c and ç, g and k change place in Turkish; ğ, y, h are often lost.
_HEARD = str.maketrans("bdvwzjqg", "ptffsckk")
_CONSONANTS = str.maketrans("bdvwzjqg", "ptffsckk", "aeiouyh?")
_DOUBLE = re.compile(r"(.)\1+")


@lru_cache(maxsize=65_536)
def skeleton(word: str) -> str:
    """The first sound and the consonants after it, at most five: Mehmet and Mehmed, Işık and Isik are one."""
    heard = word
    for written, sound in _SOUNDS:
        heard = heard.replace(written, sound)
    return (heard[:1].translate(_HEARD) + _DOUBLE.sub(r"\1", heard[1:].translate(_CONSONANTS)))[:5]
