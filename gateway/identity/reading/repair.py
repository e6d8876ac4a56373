"""Text whose encoding was mistaken on its way, brought back as far as that is certain.

UTF-8 read as Windows-1252 or -1254 (Å\x9fule, Ä±), Windows-1254 read as Latin-1 (Þule, Ýnan), and question marks where
a Turkish letter stood: those stay, as `?`, for they may be any letter.
"""

from __future__ import annotations

import re
from functools import lru_cache

from gateway.turkish import fold

_UTF8_TRACES = re.compile("[ÃÄÅ][\x80-\xbf\u0131\u0152-\u2122ĞğİŞş]")
# Windows-1254 holds these six where Latin-1 has Icelandic letters, which Turkish never uses (ISO 8859-9).
_LATIN5 = str.maketrans("ÞþÝýÐð", "ŞşİıĞğ")
_LOST = str.maketrans({"�": "?", "¿": "?"})
_WORD = re.compile(r"\?*[^\W_]+(?:\?+[^\W_]+)*\?*")


def repair(text: str) -> str:
    """The text as it was meant, where its letters show by what it was damaged; otherwise as it is."""
    if text.isascii():
        return text
    if _UTF8_TRACES.search(text):
        text = _undone(text)
    return text.translate(_LATIN5).translate(_LOST)


@lru_cache(maxsize=16_384)
def letters(text: str) -> tuple[str, ...]:
    """The folded words of a repaired text; a `?` inside a word stands for a letter that was lost."""
    plain = fold(repair(text)).replace("'", "").replace("’", "")
    return tuple(_WORD.findall(plain))


def fits(damaged: str, other: str) -> bool:
    """Whether two words of one length are the same but for lost letters in either."""
    return len(damaged) == len(other) and all(
        one == two or one == "?" or two == "?" for one, two in zip(damaged, other, strict=True)
    )


def _undone(text: str) -> str:
    for encoding in ("cp1254", "cp1252", "latin-1"):
        try:
            return _bytes_of(text, encoding).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
    return text


def _bytes_of(text: str, encoding: str) -> bytes:
    # Windows leaves some codes empty, and most programs let those bytes through as they are.
    return b"".join(
        letter.encode("latin-1") if "\x80" <= letter <= "\x9f" else letter.encode(encoding) for letter in text
    )
